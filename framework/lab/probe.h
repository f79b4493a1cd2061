// What this kernel and this user can do, found out by trying.
#pragma once

#include <string>
#include <vector>

#include "scenario/scenario.h"

namespace finwait::lab {

// One thing that scenarios may need.
struct Feature {
  std::string name;  // "sch_netem", as in a scenario's `requires`
  bool available = false;
  std::string detail;  // what was found: "HZ 250", or how trying it failed
  std::string cost;    // what its lack costs
  std::string remedy;  // what would supply it
  bool indispensable = false;  // nothing can be run without it
};

// Tries everything in namespaces of its own; some 20 ms. Needs
// netns::EnsurePrivilege first.
std::vector<Feature> Probe();

// One of scenario::FeatureNames().
bool HasFeature(const std::string& name);

// Throws Unsupported naming the first thing a scenario needs and this machine
// lacks: a feature, a program, a kernel version.
void RequireFeatures(const scenario::Scenario& scenario);

// Is kernel `release` ("6.18.44-amd64") within `range` (">= 6.12", "< 6.5")?
bool KernelWithin(const std::string& release, const std::string& range);

}  // namespace finwait::lab
