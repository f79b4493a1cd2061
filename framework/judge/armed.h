// What the kernel itself told of the timers of a stay. Pure; there is nothing
// to tell where the run had no tracepoints.
#pragma once

#include <string>
#include <vector>

#include "judge/stay.h"
#include "tcp/timeline.h"

namespace finwait::judge {

// One timer of a stay; null where no record tells of it. The kernel skips a
// program that a timer starts while it runs for another one on that processor
// (Linux: kernel/bpf/trampoline.c, "recursion"), so that any one may be
// missing.
struct ArmedTimer {
  const tcp::TimerRecord* armed = nullptr;
  const tcp::TimerRecord* fired = nullptr;
};

// In order.
std::vector<ArmedTimer> TimersIn(const Stay& stay,
                                 const tcp::EndpointTimeline& endpoint);
ArmedTimer FirstTimer(const Stay& stay, const tcp::EndpointTimeline& endpoint);
ArmedTimer LastTimer(const Stay& stay, const tcp::EndpointTimeline& endpoint);

// What it was asked for: exact to the jiffy.
Duration RequestedLength(const tcp::TimerRecord& armed);

// "the kernel armed its timer for 20s at 1s, slot of the wheel at 21.7s, fired
// at 21.7s"; empty where there is no record.
std::string Describe(const ArmedTimer& timer, TimePoint begin);

// A stay that a timer ended, ended as that fired: the interval of its length
// is no wider than that tells.
Interval Narrowed(Interval length, const Stay& stay, const ArmedTimer& timer);

}  // namespace finwait::judge
