// Compares what was expected with what was seen. Pure: values in, values out.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "judge/verdict.h"
#include "scenario/scenario.h"
#include "tcp/timeline.h"

namespace finwait::judge {

// What durations depend on and the timeline does not hold.
struct Environment {
  int hz = 250;
  std::string kernel;  // uname -r
  // A clock that stands still while anything runs: nothing is ever late.
  bool virtual_time = false;
  // By host: integer sysctls of its namespace at the start
  // ("net.ipv4.tcp_fin_timeout" -> 5). Absent ones are not in the map.
  std::map<std::string, std::map<std::string, std::int64_t>> sysctls;
  // The scenario's declared differences that hold on this kernel.
  scenario::DifferenceSet differences;
};

// One Finding per judged sentence of the scenario, in file order. An
// expectation about an endpoint that was never seen fails; one on an
// endpoint whose timeline has a hole is broken. Where declared differences
// hold, the sentences are theirs, and each difference that does not show any
// more fails.
std::vector<Finding> Judge(const scenario::Scenario& scenario,
                           const tcp::Timeline& timeline,
                           const Environment& environment);

}  // namespace finwait::judge
