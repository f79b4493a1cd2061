// lab_bench [RUNS]: how long networks take to be ready.
//
// Ready means usable: carriers up, IPv6 addresses assigned, neighbours known.
// Prints the minimum, median and maximum of RUNS (default 20) for two hosts
// with IPv4 and IPv6, of a fifth of that for 1000 hosts in pairs, and of a
// tenth for a LAN of 1000 hosts at one bridge. Give it a machine without other
// load.
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

// Five hundred pairs of hosts.
scenario::Topology Pairs() {
  scenario::Topology topology;
  for (int n = 0; n < 500; ++n) {
    scenario::Link& link = topology.links.emplace_back();
    for (auto* end : {&link.a, &link.b}) {
      end->host = (end == &link.a ? "a" : "b") + std::to_string(n);
      end->name = "eth0";
      tcp::IpAddress address{.family = tcp::Family::kIpv4};
      address.bytes = {10, static_cast<std::uint8_t>(n / 250),
                       static_cast<std::uint8_t>(n % 250),
                       static_cast<std::uint8_t>(end == &link.a ? 1 : 2)};
      end->addresses.push_back({address, 24});
      topology.hosts.emplace_back().name = end->host;
    }
  }
  return topology;
}

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
  Measure("500 pairs", Pairs(), std::max(runs / 5, 1));
  Measure("LAN of 1000", lan.cases.at(0).topology, std::max(runs / 10, 1));
  return 0;
}

}  // namespace
}  // namespace finwait

int main(int argc, char** argv) {
  return finwait::Main(argc > 1 ? std::max(std::atoi(argv[1]), 1) : 20);
}
