// What keeps a judge from being sure: looks that came too late, and events
// that were lost. Pure.
#pragma once

#include <string>

#include "base/units.h"
#include "tcp/timeline.h"

namespace finwait::judge {

// From this lateness on the observer was starved of its processor. Its
// appointments are made with the kernel's clock of jiffies, so one jiffy is
// the clock's doing; a millisecond more is what a scheduler takes to wake even
// a process that has no priority.
Duration StarvedFrom(int hz);
bool IsStarved(const tcp::Sample& sample, int hz);

// "the observer itself was kept waiting 23ms before the look at 5.1s"
std::string StarvedText(const tcp::Sample& sample, TimePoint begin);

// The starved look that first saw the transition, or null.
const tcp::Sample* StarvedLookAt(const tcp::Transition& transition,
                                 const tcp::EndpointTimeline& endpoint, int hz);

// "sockops lost 12 of 3012 events, the capture lost 3 packets"; empty when
// nothing was lost.
std::string LossText(const tcp::Timeline& timeline);

// "; " and the text, or nothing.
std::string Also(const std::string& text);

}  // namespace finwait::judge
