// What the commands that play are given to play.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenario/scenario.h"

namespace CLI {
class App;
}

namespace finwait::tools {

struct CaseArguments {
  std::vector<std::string> files;  // or folders
  std::string topologies;          // a folder to search first
  std::string filter;              // part of a case's name
  scenario::Overrides overrides;
};

// The options that fill it: FILE..., --case, --topologies, --set.
void AddCaseOptions(CLI::App& command, CaseArguments& arguments);

// Loads everything before anything is played. If something is wrong, says so
// on standard error, the mistakes of all files at once, and returns nothing.
std::optional<std::vector<scenario::Scenario>> LoadCases(
    const CaseArguments& arguments);

}  // namespace finwait::tools
