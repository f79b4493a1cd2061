// Reads scenario and topology files: the only room that knows TOML.
#pragma once

#include <filesystem>
#include <vector>

#include "scenario/diagnostic.h"
#include "scenario/scenario.h"

namespace finwait::scenario {

// Every topologies/ beside `file` or in a folder above it, the nearest first.
SearchPath TopologiesFor(const std::filesystem::path& file);

struct Loaded {
  std::vector<Scenario> cases;          // empty when there are diagnostics
  std::vector<Diagnostic> diagnostics;  // all of the file's, by place
};

// Reads one scenario file, with `overrides` (overrides.h) in place of what it
// says. A file that cannot be read is a diagnostic, too.
// Asks nothing of the kernel; any thread.
Loaded LoadScenario(const std::filesystem::path& file, const SearchPath& path,
                    const Overrides& overrides = {});

// The same case again. Throws Error with the diagnostics if the files are not
// what they were.
Scenario LoadAgain(const Origin& origin);

// The same from text, for tests; `name` stands in the places.
Loaded ParseScenario(const std::string& text, const std::string& name,
                     const SearchPath& path, const Overrides& overrides = {});

struct LoadedTopology {
  Topology topology;
  std::vector<Diagnostic> diagnostics;
};

// Reads one topology file, with its parameters' defaults.
LoadedTopology LoadTopology(const std::filesystem::path& file);

}  // namespace finwait::scenario
