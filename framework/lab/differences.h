// Which declared differences hold on this kernel, found out by trying.
#pragma once

#include "scenario/scenario.h"

namespace finwait::lab {

// Those of the scenario whose condition holds here. Needs
// netns::EnsurePrivilege first. Throws Error if trying fails.
scenario::DifferenceSet DifferencesHere(const scenario::Scenario& scenario);

}  // namespace finwait::lab
