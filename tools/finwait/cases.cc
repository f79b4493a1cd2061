#include "cases.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <set>

#include "commands.h"
#include "scenario/load.h"
#include "scenario/sweep.h"

namespace finwait::tools {
namespace {

namespace fs = std::filesystem;
using Cases = std::vector<scenario::Scenario>;

// Folders stand for the *.toml in them that may be read.
std::vector<fs::path> Expand(const std::vector<std::string>& files) {
  std::vector<fs::path> expanded;
  for (const std::string& file : files) {
    if (!fs::is_directory(file)) {
      expanded.emplace_back(file);
      continue;
    }
    std::set<fs::path> found;
    std::error_code error;
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(file, options, error), end;
         !error && at != end; at.increment(error)) {
      if (at->path().extension() == ".toml") found.insert(at->path());
    }
    expanded.insert(expanded.end(), found.begin(), found.end());
  }
  return expanded;
}

scenario::Overrides::value_type Setting(const std::string& text) {
  scenario::Mistakes mistakes;
  if (const auto one = scenario::ParseOverride(text, "--set", mistakes)) {
    return *one;
  }
  throw CLI::ValidationError(ToString(mistakes.Sorted().front()));
}

}  // namespace

void AddCaseOptions(CLI::App& command, CaseArguments& arguments) {
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [&arguments](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) {
              arguments.overrides.push_back(Setting(text));
            }
          },
          "A value in place of the file's (several: repeat it). NAME: a "
          "parameter, or a sysctl, as tcp_fin_timeout or "
          "client:net.ipv4.tcp_fin_timeout")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("NAME=VALUE");
  command
      .add_option("file", arguments.files,
                  "Scenario files, or folders to search for *.toml")
      ->required();
  command.add_option("--case", arguments.filter,
                     "Only cases whose name contains this text");
  command.add_option("--topologies", arguments.topologies,
                     "Folder to search for topologies, besides topologies/ "
                     "beside or above the scenario");
}

std::optional<Cases> LoadCases(const CaseArguments& arguments) {
  Cases cases;
  bool good = true;
  for (const fs::path& file : Expand(arguments.files)) {
    auto loaded = scenario::LoadScenario(
        file, TopologiesFor(file, arguments.topologies), arguments.overrides);
    Print(loaded.diagnostics);
    good = good && loaded.diagnostics.empty();
    for (scenario::Scenario& one : loaded.cases) {
      const bool wanted =
          one.DisplayName().find(arguments.filter) != std::string::npos;
      if (wanted) cases.push_back(std::move(one));
    }
  }
  if (!good) return std::nullopt;
  if (!cases.empty()) return cases;
  std::cerr << "finwait: no scenario";
  if (!arguments.filter.empty()) {
    std::cerr << " with a case whose name contains \"" << arguments.filter
              << "\"";
  }
  std::cerr << " in what was named\n";
  return std::nullopt;
}

}  // namespace finwait::tools
