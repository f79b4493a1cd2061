// finwait compare: the same cases on two kernels.
#include "compare.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "collect.h"
#include "commands.h"
#include "compare/comparison.h"
#include "interrupt.h"
#include "report/terminal.h"
#include "verdicts.h"

namespace finwait::tools {
namespace {

using judge::Result;
using judge::Verdict;
using Cases = std::vector<scenario::Scenario>;

report::Style StyleOf(const std::string& color) {
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  return {.color = color == "always" || (color == "auto" && terminal)};
}

// Tells of every case, in order; returns what all came to.
std::vector<Verdict> Tell(const std::vector<Result>& on_a,
                          const std::vector<Result>& on_b,
                          const CompareArguments& arguments) {
  const report::Style style = StyleOf(arguments.color);
  std::vector<Verdict> verdicts;
  for (std::size_t n = 0; n < on_a.size(); ++n) {
    const compare::Party a{arguments.kernels[0], on_a[n]};
    const compare::Party b{arguments.kernels[1], on_b[n]};
    const compare::Comparison comparison = compare::CompareRuns(a, b);
    std::cout << Text(comparison, a, b, style) << std::flush;
    verdicts.push_back(comparison.verdict);
  }
  return verdicts;
}

void PrintSameAndDifferent(const std::vector<Verdict>& verdicts) {
  const auto count = [&](Verdict verdict) {
    return std::count(verdicts.begin(), verdicts.end(), verdict);
  };
  std::cout << count(Verdict::kPass) << " same, " << count(Verdict::kFail)
            << " different";
  for (const Verdict verdict : {Verdict::kBroken, Verdict::kUnsupported}) {
    if (count(verdict) == 0) continue;
    std::cout << ", " << count(verdict) << " " << Name(verdict);
  }
  std::cout << std::endl;
}

int CompareAll(const Cases& cases, const CompareArguments& arguments) {
  const FileDescriptor interrupt = CatchInterrupts();
  const auto play = [&](const std::string& kernel) {
    return Collect(cases, {kernel, arguments.jobs, interrupt.get()});
  };
  const auto on_a = play(arguments.kernels[0]);
  const auto on_b = play(arguments.kernels[1]);
  const auto verdicts = Tell(on_a, on_b, arguments);
  if (verdicts.size() > 1) PrintSameAndDifferent(verdicts);
  return ExitStatusOf(verdicts);
}

}  // namespace

void AddCompareOptions(CLI::App& command, CompareArguments& arguments) {
  AddCaseOptions(command, arguments.cases);
  command
      .add_option("-k,--kernel", arguments.kernels,
                  "The two kernels, as --kernel A --kernel B: \"host\" or a "
                  "name of finwait kernel list")
      ->required()
      ->allow_extra_args(false);
  command
      .add_option("-j,--jobs", arguments.jobs,
                  "Cases to play side by side on each (default 16)")
      ->check(CLI::Range(1, 1000));
  command.add_option("--color", arguments.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

int Compare(const CompareArguments& arguments) {
  if (arguments.kernels.size() != 2) {
    std::cerr << "finwait: compare takes two kernels: --kernel A --kernel B\n";
    return static_cast<int>(ExitStatus::kUsage);
  }
  const auto cases = LoadCases(arguments.cases);
  if (!cases) return static_cast<int>(ExitStatus::kUsage);
  try {
    return CompareAll(*cases, arguments);
  } catch (const Unsupported& unsupported) {
    return Refuse(unsupported);
  }
}

}  // namespace finwait::tools
