// Scenario files as GoogleTest tests.
#pragma once

#include <filesystem>

namespace finwait::gtest {

// Registers one test per case of a scenario file, or of every *.toml below a
// folder: suite "Scenario", named after file and case. A failure prints the
// full report, unsupported is skipped with its reason, a mistake in a file is a
// test that fails with it. Call it before RUN_ALL_TESTS, e.g. from a static
// initializer:
//
//   const int kScenarios =
//       finwait::gtest::RegisterScenarios("tests/scenarios/fin_wait2");
//
// With FINWAIT_PCAPNG=FOLDER in the environment, each saves its packets there,
// passed or not, as `finwait run --pcapng` does.
//
// Topologies are found as by the finwait command, in topologies/ beside or
// above the file. Returns the number of tests registered.
int RegisterScenarios(const std::filesystem::path& file_or_folder);

}  // namespace finwait::gtest
