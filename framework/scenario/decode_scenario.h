// Decodes one case of a scenario file.
#pragma once

#include <string>

#include "scenario/load.h"
#include "scenario/mistakes.h"
#include "scenario/node.h"

namespace finwait::scenario {

// `root` has its parameters filled in; `file` is where it came from.
Scenario DecodeScenario(const Node& root, const std::string& file,
                        const SearchPath& path, Mistakes& mistakes);

}  // namespace finwait::scenario
