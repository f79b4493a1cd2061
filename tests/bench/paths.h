// The ways to end a connection, the path of states that each must give,
// and what is wrong with the timelines of a run. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tcp/timeline.h"

namespace finwait::bench {

enum class Way : std::uint8_t {
  kActive,        // the client closes first
  kPassive,       // the server does
  kSimultaneous,  // both do: their FINs cross
  kReset,         // SO_LINGER 0
  kOrphan,        // the client closes, the server never does
  kReuse,         // as kPassive; the next connection of the same ports comes
                  // while the server is in TIME_WAIT, and ends that
};

inline constexpr Way kWays[] = {Way::kActive, Way::kPassive, Way::kSimultaneous,
                                Way::kReset,  Way::kOrphan,  Way::kReuse};

const char* Name(Way way);

// "SYN_SENT > ESTABLISHED > ...". What one endpoint went through.
std::string PathOf(const tcp::EndpointTimeline& endpoint);

// What it must have gone through on `host`. With `to_the_end`, TIME_WAIT has
// been waited for.
std::string ExpectedPath(Way way, const std::string& host, bool to_the_end);

// Everything about one endpoint in a few lines.
std::string Describe(const tcp::EndpointTimeline& endpoint);

// How many disagreements, and the first few of them in words.
struct Disagreements {
  std::uint64_t count = 0;
  std::vector<std::string> examples;
  void Add(const std::string& example);
};

// Endpoints with a hole or another path than that of their way, and those too
// many or too few: `connections` on each host.
Disagreements JudgePaths(const std::vector<tcp::EndpointTimeline>& endpoints,
                         Way way, bool to_the_end, std::uint64_t connections);

// What the kernel counted on each host against what the timelines add up to.
Disagreements JudgeCounters(
    const std::vector<tcp::EndpointTimeline>& endpoints,
    const std::map<std::string, tcp::CounterDeltas>& counted);

// Two accounts of the same run, endpoint by endpoint.
struct Comparison {
  Disagreements paths;
  Disagreements intervals;  // of the same transition that do not overlap
  std::uint64_t transitions = 0;
};
Comparison Compare(const std::vector<tcp::EndpointTimeline>& told,
                   const std::vector<tcp::EndpointTimeline>& plain);

}  // namespace finwait::bench
