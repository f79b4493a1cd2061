// observe_bench [--quick] [--no-bpf] [--load] [MEASUREMENT...]: does the
// observer see everything, how exactly, and what does it cost?
//
// Prints a table of figures and the bounds that they are held against; exits
// with 1 if one is missed. Measurements are active, passive, simultaneous,
// reset, orphan, reuse (10,000 connections that end in this way, see paths.h),
// minisock (its end against constant looks), one, crowd (the cost of waiting
// for one and for 1000 minisocks) and sources (with kernel events against
// without); without any, all.
//   --quick    1000 connections and short waits: for every run of the tests
//   --no-bpf   only packets and sock_diag; so it is without root, too
//   --load     keep all cores busy meanwhile
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "measurements.h"
#include "netns/user_namespace.h"

namespace finwait::bench {
namespace {

struct Measurement {
  std::string name;
  std::function<void(const Settings&, Table&)> run;
};

std::vector<Measurement> AllMeasurements() {
  std::vector<Measurement> all;
  for (const Way way : kWays) {
    all.push_back({Name(way), [way](const Settings& settings, Table& table) {
                     MeasureWay(way, settings, table);
                   }});
  }
  all.push_back({"minisock", MeasureMinisockEnd});
  all.push_back({"one", [](const Settings& settings, Table& table) {
                   MeasureCost(1, settings, table);
                 }});
  all.push_back({"crowd", [](const Settings& settings, Table& table) {
                   MeasureCost(1000, settings, table);
                 }});
  all.push_back({"sources", MeasureSources});
  return all;
}

// Keeps every core busy, at ordinary priority, until it goes.
std::vector<std::jthread> MakeLoad() {
  std::vector<std::jthread> busy;
  for (long n = 0; n < sysconf(_SC_NPROCESSORS_ONLN); ++n) {
    busy.emplace_back([](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
      }
    });
  }
  return busy;
}

bool AreKnown(const std::set<std::string>& names,
              const std::vector<Measurement>& all) {
  return std::all_of(names.begin(), names.end(), [&](const auto& name) {
    return std::any_of(all.begin(), all.end(),
                       [&](const auto& known) { return known.name == name; });
  });
}

int Main(const std::vector<std::string>& arguments) {
  std::set<std::string> options(arguments.begin(), arguments.end());
  const uid_t user = getuid();  // outside of the user namespace to come
  const bool loaded = options.erase("--load") > 0;
  const Settings settings{.quick = options.erase("--quick") > 0,
                          .kernel_events = options.erase("--no-bpf") == 0,
                          .starved = loaded && user != 0};
  const std::vector<Measurement> all = AllMeasurements();
  if (!AreKnown(options, all)) {
    std::fprintf(stderr,
                 "usage: observe_bench [--quick] [--no-bpf] [--load] "
                 "[MEASUREMENT...]\n");
    return 2;
  }
  netns::EnsurePrivilege();
  Table table;
  Table::PrintHead(user, loaded);
  const auto load = loaded ? MakeLoad() : std::vector<std::jthread>();
  for (const Measurement& measurement : all) {
    if (!options.empty() && options.count(measurement.name) == 0) continue;
    measurement.run(settings, table);
  }
  if (table.missed() > 0) std::printf("\n%d bounds missed\n", table.missed());
  return table.missed() > 0 ? 1 : 0;
}

}  // namespace
}  // namespace finwait::bench

int main(int argc, char** argv) {
  constexpr int kSkip = 77;
  try {
    return finwait::bench::Main({argv + 1, argv + argc});
  } catch (const finwait::Unsupported& missing) {
    std::fprintf(stderr, "observe_bench: %s\n", missing.what());
    return kSkip;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "observe_bench: %s\n", error.what());
    return 1;
  }
}
