// On which kernels something holds, in the words of a scenario's `where`.
#pragma once

#include <string>
#include <vector>

#include "scenario/mistakes.h"
#include "scenario/node.h"

namespace finwait::scenario {

// One of a range of kernels, a sysctl, and a feature, the last two there or
// lacking. Whether it holds is found out by trying (lab/differences.h).
struct Condition {
  std::string text;     // as written: "lacks sysctl net.ipv4.tcp_fack"
  std::string kernel;   // "< 6.1"
  std::string sysctl;   // "net.ipv4.tcp_fack"
  std::string feature;  // "sch_netem"
  bool lacks = false;
};

bool Decode(const Node& node, Mistakes& mistakes, Condition* out);

// ">= 6.12", "< 6.5": of the release that uname -r says.
bool IsKernelRange(std::string_view text);

// What kernels and users have or lack, by the names that `finwait probe` shows.
const std::vector<std::string>& FeatureNames();

}  // namespace finwait::scenario
