// Writes the scenario that plays the combinations of one stage. Pure.
#pragma once

#include <string>
#include <vector>

#include "matrix/combination.h"

namespace finwait::matrix {

// One after another, each with a connection of its own; all of one StageOf().
std::string ScenarioFor(const std::vector<Combination>& combinations);

}  // namespace finwait::matrix
