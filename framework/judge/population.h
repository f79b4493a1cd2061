// How many sockets were in a state at any time, from the timelines of all
// endpoints. Pure; n log n in the number of endpoints.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "scenario/expectation.h"
#include "tcp/timeline.h"

namespace finwait::judge {

// One stay of one socket among those counted. Its edges are as uncertain as
// the transitions that make them.
struct Member {
  const tcp::EndpointTimeline* endpoint = nullptr;
  TimePoint possible_from;
  TimePoint from;  // the best figure
  TimePoint certain_from;
  TimePoint certain_to;
  TimePoint to;  // the best figure; TimePoint::max() if the run ended first
  TimePoint possible_to;
};

// The stays that `which` counts. An endpoint whose observation has a hole is
// possibly there all its life and certainly never.
std::vector<Member> MembersOf(const scenario::SocketsExpectation& which,
                              const tcp::Timeline& timeline);

// So many were certainly and possibly there, from `at` to the next of them.
struct Count {
  TimePoint at;
  std::int64_t certain = 0;
  std::int64_t possible = 0;
};

// In the order of time; begins with the first member.
std::vector<Count> CountsOver(const std::vector<Member>& members);

// The number lies in between; [0, 0] before the first count.
struct CountRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

// The most at the same time.
CountRange Peak(const std::vector<Count>& counts);
// At some moment between `from` and `to`.
CountRange Within(const std::vector<Count>& counts, TimePoint from,
                  TimePoint to);

}  // namespace finwait::judge
