// Finding topologies, and the commands that only read files.
#include <unistd.h>

#include <iostream>

#include "commands.h"
#include "report/terminal.h"

namespace finwait::tools {
namespace {

namespace fs = std::filesystem;

scenario::LoadedTopology LoadAnyTopology(const ShowArguments& arguments) {
  if (IsTopologyFile(arguments.file)) {
    return scenario::LoadTopology(arguments.file);
  }
  auto loaded = scenario::LoadScenario(
      arguments.file, TopologiesFor(arguments.file, arguments.topologies));
  scenario::LoadedTopology topology;
  topology.diagnostics = std::move(loaded.diagnostics);
  if (!loaded.cases.empty()) topology.topology = loaded.cases[0].topology;
  return topology;
}

std::string Plural(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

scenario::SearchPath TopologiesFor(const fs::path& file,
                                   const std::string& given) {
  scenario::SearchPath path = scenario::TopologiesFor(file);
  if (!given.empty()) path.insert(path.begin(), given);
  path.emplace_back(FINWAIT_TOPOLOGIES);
  return path;
}

bool IsTopologyFile(const fs::path& file) {
  std::error_code error;
  return fs::absolute(file, error)
             .lexically_normal()
             .parent_path()
             .filename() == "topologies";
}

void Print(const std::vector<scenario::Diagnostic>& diagnostics) {
  for (const scenario::Diagnostic& diagnostic : diagnostics) {
    std::cerr << ToString(diagnostic) << "\n";
  }
}

int Check(const CheckArguments& arguments) {
  std::size_t mistakes = 0;
  for (const std::string& file : arguments.files) {
    std::vector<scenario::Diagnostic> diagnostics;
    std::string good = "a topology";
    if (IsTopologyFile(file)) {
      diagnostics = scenario::LoadTopology(file).diagnostics;
    } else {
      auto loaded = scenario::LoadScenario(
          file, TopologiesFor(file, arguments.topologies));
      diagnostics = std::move(loaded.diagnostics);
      good = "a scenario with " + Plural(loaded.cases.size(), "case");
    }
    Print(diagnostics);
    if (diagnostics.empty()) std::cout << file << ": " << good << "\n";
    mistakes += diagnostics.size();
  }
  if (mistakes == 0) return static_cast<int>(ExitStatus::kPass);
  std::cerr << Plural(mistakes, "mistake") << "\n";
  return static_cast<int>(ExitStatus::kUsage);
}

int Show(const ShowArguments& arguments) {
  const scenario::LoadedTopology loaded = LoadAnyTopology(arguments);
  Print(loaded.diagnostics);
  if (!loaded.diagnostics.empty()) {
    return static_cast<int>(ExitStatus::kUsage);
  }
  std::cout << report::DrawTopology(loaded.topology,
                                    {.color = isatty(STDOUT_FILENO) == 1});
  return static_cast<int>(ExitStatus::kPass);
}

}  // namespace finwait::tools
