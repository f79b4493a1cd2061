// lab_bench [RUNS]: how long networks take to be ready.
//
// Ready means usable: carriers up, IPv6 addresses assigned, neighbours known.
// Prints the minimum, median and maximum of RUNS (default 20) for two hosts
// with IPv4 and IPv6, and of a tenth of that for a LAN of 1000 hosts at one
// bridge. Give the machine a moment without other load.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "lab/lab.h"
#include "netns/user_namespace.h"
#include "scenario/load.h"

namespace finwait {
namespace {

constexpr char kLan[] = R"(
title = "1000 hosts"
topology = { use = "lan", hosts = 1000 }
[[step]]
wait = { duration = "1ms" }
)";

void Measure(const char* what, const scenario::Topology& topology, int runs) {
  std::vector<double> milliseconds;
  for (int n = 0; n < runs; ++n) {
    const TimePoint begin = MonotonicClock::now();
    const lab::Lab lab(topology);
    const std::chrono::duration<double, std::milli> took =
        MonotonicClock::now() - begin;
    milliseconds.push_back(took.count());
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf("%-12s %8.2f %8.2f %8.2f ms (min, median, max of %d)\n", what,
              milliseconds.front(), milliseconds[milliseconds.size() / 2],
              milliseconds.back(), runs);
}

int Main(int runs) {
  netns::EnsurePrivilege();
  const std::filesystem::path folder = FINWAIT_TOPOLOGIES;
  Measure("2 hosts", scenario::LoadTopology(folder / "two-hosts.toml").topology,
          runs);
  const auto lan = scenario::ParseScenario(kLan, "lan", {folder});
  Measure("1000 hosts", lan.cases.at(0).topology, std::max(runs / 10, 1));
  return 0;
}

}  // namespace
}  // namespace finwait

int main(int argc, char** argv) {
  return finwait::Main(argc > 1 ? std::max(std::atoi(argv[1]), 1) : 20);
}
