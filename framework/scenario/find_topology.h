// Resolves what a scenario says under `topology`.
#pragma once

#include <filesystem>
#include <string>

#include "scenario/load.h"
#include "scenario/mistakes.h"
#include "scenario/node.h"
#include "scenario/substitute.h"

namespace finwait::scenario {

// `node` is a name, a path, a table { use = "lan", hosts = 20 } or the
// topology itself. `file` is the scenario's.
Topology FindTopology(const Node& node, const std::string& file,
                      const SearchPath& path, Mistakes& mistakes);

// Reads a topology file with `values` for its parameters.
Topology ReadTopologyFile(const std::filesystem::path& file,
                          const Bindings& values, Mistakes& mistakes);

// The whole text of a file; a file that cannot be read is a mistake.
std::optional<std::string> ReadText(const std::filesystem::path& file,
                                    Mistakes& mistakes);

}  // namespace finwait::scenario
