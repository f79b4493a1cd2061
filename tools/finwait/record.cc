// finwait record: what a kernel does now, as files to hold later runs against.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "base/error.h"
#include "collect.h"
#include "commands.h"
#include "compare.h"
#include "compare/baseline.h"
#include "interrupt.h"
#include "verdicts.h"

namespace finwait::tools {
namespace {

namespace fs = std::filesystem;
using compare::Baseline;
using judge::Result;
using judge::Verdict;
using Cases = std::vector<scenario::Scenario>;

using PathByScenario = std::map<std::string, fs::path>;

std::set<std::string> FilesOf(const Cases& cases) {
  std::set<std::string> files;
  for (const scenario::Scenario& one : cases) files.insert(one.file);
  return files;
}

// Where each scenario file's baseline lies under `path`: a folder, or the file
// of the only one; beside the scenario if empty.
PathByScenario PathsUnder(const fs::path& path, const Cases& cases) {
  PathByScenario paths;
  std::set<fs::path> taken;
  const bool folder = fs::is_directory(path) || !path.has_filename() ||
                      FilesOf(cases).size() > 1;
  for (const scenario::Scenario& one : cases) {
    if (paths.count(one.file) > 0) continue;
    fs::path file = path;
    if (path.empty()) file = fs::path(one.file).parent_path();
    if (folder) file /= compare::BaselineName(one);
    if (!taken.insert(file).second) {
      throw Error("finding baselines in " + path.string(),
                  "several scenario files are called as " + one.file +
                      ": name them apart, or give them folders of their own");
    }
    paths[one.file] = file;
  }
  return paths;
}

// Before anything is played: a refusal should not come after minutes.
void CheckOverwrites(const PathByScenario& paths, bool force) {
  for (const auto& [scenario_file, path] : paths) {
    if (force || !fs::exists(path)) continue;
    throw Error("recording " + path.string(),
                "it is there already: say --force to accept what changed");
  }
}

// Whole or not at all: a reader never sees half of it.
void Write(const fs::path& path, const std::string& text) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  fs::path fresh = path;
  fresh += ".new";
  std::ofstream file(fresh, std::ios::binary);
  file << text;
  file.close();
  if (file.fail()) {
    const int code = errno;
    fs::remove(fresh, error);
    ThrowErrno("writing " + fresh.string(), code);
  }
  fs::rename(fresh, path);
}

// What was recorded of each file; what could not be, is told.
std::map<std::string, Baseline> BaselinesOf(const std::vector<Result>& results,
                                            Verdict* verdict) {
  std::map<std::string, Baseline> baselines;
  for (const Result& result : results) {
    const std::string why = compare::WhyUnknown(result);
    if (why.empty()) {
      Baseline& baseline = baselines[result.scenario.file];
      baseline.title = result.scenario.title;
      baseline.cases.push_back(compare::Distill(result));
      continue;
    }
    const bool lacking = result.verdict == Verdict::kUnsupported;
    *verdict = judge::Merge(*verdict,
                            lacking ? Verdict::kUnsupported : Verdict::kBroken);
    std::cout << "not recorded: " << result.scenario.DisplayName() << ": "
              << why << "\n";
  }
  return baselines;
}

int RecordAll(const Cases& cases, const RecordArguments& arguments) {
  const PathByScenario paths = PathsUnder(arguments.output, cases);
  CheckOverwrites(paths, arguments.force);
  const FileDescriptor interrupt = CatchInterrupts();
  Verdict verdict = Verdict::kPass;
  const auto results =
      Collect(cases, {arguments.kernel, arguments.jobs, interrupt.get()});
  for (const auto& [file, baseline] : BaselinesOf(results, &verdict)) {
    Write(paths.at(file), ToToml(baseline));
    std::cout << paths.at(file).string() << "\n";
  }
  return judge::ExitCode(verdict);
}

}  // namespace

void AddRecordOptions(CLI::App& command, RecordArguments& arguments) {
  AddCaseOptions(command, arguments.cases);
  command.add_option("-k,--kernel", arguments.kernel,
                     "Where to play: \"host\", a name of finwait kernel list, "
                     "or \"auto\"");
  command.add_option("-o,--output", arguments.output,
                     "The file to write, or a folder for one of each scenario "
                     "(default: beside the scenarios)");
  command.add_flag("--force", arguments.force, "Write over what is there");
  command
      .add_option("-j,--jobs", arguments.jobs,
                  "Cases to play side by side (default 16)")
      ->check(CLI::Range(1, 1000));
}

int Record(const RecordArguments& arguments) {
  const auto cases = LoadCases(arguments.cases);
  if (!cases) return static_cast<int>(ExitStatus::kUsage);
  try {
    return RecordAll(*cases, arguments);
  } catch (const Unsupported& unsupported) {
    return Refuse(unsupported);
  }
}

Baselines::Baselines(const fs::path& path, const Cases& cases) {
  for (const auto& [scenario_file, file] : PathsUnder(path, cases)) {
    // What could not be recorded may be missing in a folder.
    const bool missing = fs::is_directory(path) && !fs::exists(file);
    by_scenario_file_[scenario_file] =
        missing ? Baseline{.file = file, .title = {}, .cases = {}}
                : compare::ReadBaseline(file);
  }
}

void Baselines::Judge(Result& result) const {
  const auto baseline = by_scenario_file_.find(result.scenario.file);
  if (baseline == by_scenario_file_.end()) return;
  for (judge::Finding& one : compare::Deviations(baseline->second, result)) {
    result.verdict = judge::Merge(result.verdict, one.verdict);
    result.findings.push_back(std::move(one));
  }
}

}  // namespace finwait::tools
