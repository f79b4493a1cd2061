// The segments of one endpoint that a comparison is about. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "compare/behaviour.h"
#include "tcp/timeline.h"

namespace finwait::compare {

// A segment when it passed.
struct Passage {
  TimePoint at;
  Segment segment;
  bool data = false;
};

// All that were kept, in the order of time.
std::vector<Passage> PassagesOf(const tcp::EndpointTimeline& endpoint);

// Those that make a connection: SYN, FIN, RST, and any that is sent once more.
// Among many, the latter say how lucky the run was, and are left out.
std::vector<Segment> SegmentsOf(const tcp::EndpointTimeline& endpoint,
                                const std::vector<Passage>& passages);

// How many there were of the others: data and bare ACKs. None if many.
std::map<std::string, Count> TotalsOf(const tcp::EndpointTimeline& endpoint,
                                      const std::vector<Passage>& passages);

// "sent FIN|ACK", "sent FIN|ACK again"
std::string KindOf(const Segment& segment);

}  // namespace finwait::compare
