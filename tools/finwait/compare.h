// The commands that hold runs against each other.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cases.h"
#include "compare/baseline.h"

namespace CLI {
class App;
}

namespace finwait::tools {

struct CompareArguments {
  CaseArguments cases;
  std::vector<std::string> kernels;  // two, as --kernel says them
  int jobs = 16;
  std::string color = "auto";
};

void AddCompareOptions(CLI::App& command, CompareArguments& arguments);
int Compare(const CompareArguments& arguments);

struct RecordArguments {
  CaseArguments cases;
  std::string kernel = "auto";
  std::string output;  // a file or a folder; empty: beside each scenario
  bool force = false;
  int jobs = 16;
};

void AddRecordOptions(CLI::App& command, RecordArguments& arguments);
int Record(const RecordArguments& arguments);

// The baselines of all scenario files of a run. Immutable; any thread.
class Baselines {
 public:
  Baselines() = default;  // none: Judge does nothing
  // `path` is the baseline of the only scenario file, or a folder with one for
  // each: what it lacks fails, unless it cannot be played. Throws Error if
  // there is no `path` or one cannot be read.
  Baselines(const std::filesystem::path& path,
            const std::vector<scenario::Scenario>& cases);

  // Adds what is not as recorded to the result's findings and verdict.
  void Judge(judge::Result& result) const;

 private:
  std::map<std::string, compare::Baseline> by_scenario_file_;
};

}  // namespace finwait::tools
