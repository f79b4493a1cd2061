#include "gtest/scenario_tests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <set>
#include <string>

#include "base/error.h"
#include "gtest/saved_packets.h"
#include "lab/run.h"
#include "netns/user_namespace.h"
#include "report/pcapng.h"
#include "report/terminal.h"
#include "scenario/load.h"

namespace finwait::gtest {
namespace {

namespace fs = std::filesystem;

class ScenarioTest : public ::testing::Test {
 public:
  explicit ScenarioTest(scenario::Scenario scenario)
      : scenario_(std::move(scenario)) {}

  void TestBody() override {
    try {
      netns::EnsurePrivilege();
    } catch (const Unsupported& unsupported) {
      GTEST_SKIP() << unsupported.what();
    }
    const bool save = WantsPackets();
    const judge::Result result = lab::Run(scenario_, {.keep_frames = save});
    if (save) {
      SavePackets(report::PcapngName(scenario_), report::Pcapng(result));
    }
    if (result.verdict == judge::Verdict::kUnsupported) {
      GTEST_SKIP() << result.reason;
    }
    if (!result.retakes.empty()) {
      std::cout << report::SummaryLine(result, {}) << "\n";
    }
    EXPECT_EQ(result.verdict, judge::Verdict::kPass)
        << report::FullReport(result, {});
  }

 private:
  scenario::Scenario scenario_;
};

class MistakesTest : public ::testing::Test {
 public:
  explicit MistakesTest(std::vector<scenario::Diagnostic> diagnostics)
      : diagnostics_(std::move(diagnostics)) {}

  void TestBody() override {
    for (const auto& diagnostic : diagnostics_) {
      ADD_FAILURE() << ToString(diagnostic);
    }
  }

 private:
  std::vector<scenario::Diagnostic> diagnostics_;
};

// What GoogleTest allows in a name.
std::string TestName(const std::string& text) {
  std::string name = text;
  std::replace_if(
      name.begin(), name.end(),
      [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

int RegisterFile(const fs::path& file) {
  auto loaded = scenario::LoadScenario(file, scenario::TopologiesFor(file));
  const std::string path = file.string();
  if (!loaded.diagnostics.empty()) {
    ::testing::RegisterTest(
        "Scenario", TestName(file.stem().string()).c_str(), nullptr, nullptr,
        path.c_str(), 1,
        [diagnostics = loaded.diagnostics]() -> ::testing::Test* {
          return new MistakesTest(diagnostics);
        });
    return 1;
  }
  for (const scenario::Scenario& one : loaded.cases) {
    ::testing::RegisterTest(
        "Scenario", TestName(one.DisplayName()).c_str(), nullptr, nullptr,
        path.c_str(), 1,
        [one]() -> ::testing::Test* { return new ScenarioTest(one); });
  }
  return static_cast<int>(loaded.cases.size());
}

}  // namespace

int RegisterScenarios(const fs::path& file_or_folder) {
  if (!fs::is_directory(file_or_folder)) return RegisterFile(file_or_folder);
  std::set<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(file_or_folder)) {
    if (entry.path().extension() == ".toml") files.insert(entry.path());
  }
  int count = 0;
  for (const fs::path& file : files) count += RegisterFile(file);
  return count;
}

}  // namespace finwait::gtest
