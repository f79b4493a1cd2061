// finwait bisect-run: one commit of a kernel, judged for `git bisect run`.
#include <poll.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <mutex>

#include "base/error.h"
#include "interrupt.h"
#include "judge/verdict.h"
#include "kernel/build.h"
#include "kernel/play.h"
#include "kernels.h"
#include "report/terminal.h"
#include "telling.h"

namespace finwait::tools {
namespace {

using judge::Verdict;
using Cases = std::vector<scenario::Scenario>;

bool IsReadable(int fd) {
  pollfd polled{fd, POLLIN, 0};
  return poll(&polled, 1, 0) == 1;
}

// "unsupported" says nothing of the commit, like "broken".
Bisection FromVerdict(Verdict verdict) {
  if (verdict == Verdict::kPass) return Bisection::kGood;
  return verdict == Verdict::kFail ? Bisection::kBad : Bisection::kSkip;
}

// Plays the cases and prints a line for each.
Bisection PlayOn(const kernel::Kernel& kernel, const kernel::Cache& cache,
                 const Cases& cases) {
  const FileDescriptor interrupt = CatchInterrupts();
  std::mutex mutex;  // guards standard output and `all`
  Verdict all = Verdict::kPass;
  lab::BatchOptions batch;
  batch.interrupt_fd = interrupt.get();
  batch.on_result = [&](std::size_t, const judge::Result& result) {
    const std::lock_guard lock(mutex);
    std::cout << report::SummaryLine(result, {}) << std::endl;
    all = judge::Merge(all, result.verdict);
  };
  kernel::GuestOptions guest;
  guest.on_notice = [&](const std::string& line) {
    const std::lock_guard lock(mutex);
    std::cout << line << std::endl;
  };
  PlayBatch(kernel, cache, cases, batch, guest);
  return IsReadable(interrupt.get()) ? Bisection::kInterrupted
                                     : FromVerdict(all);
}

// Nothing if this commit does not build.
std::optional<kernel::Kernel> Build(kernel::Cache& cache,
                                    const BisectArguments& arguments) {
  const Teller teller;
  try {
    return BuildTree(cache, arguments.tree, {.jobs = arguments.jobs},
                     teller.telling());
  } catch (const kernel::BuildFailed& error) {
    teller.telling().Line(error.what());
  } catch (const Unsupported& error) {
    teller.telling().Line(error.what());
  }
  return std::nullopt;
}

Bisection Judge(const BisectArguments& arguments) {
  const auto cases = LoadCases(arguments.cases);
  if (!cases) return Bisection::kStop;
  kernel::Cache cache;
  const auto kernel = Build(cache, arguments);
  if (!kernel) return Bisection::kSkip;
  try {
    return PlayOn(*kernel, cache, *cases);
  } catch (const Error& error) {  // it does not boot
    std::cout << error.what() << "\n";
    return Bisection::kSkip;
  }
}

const char* Meaning(Bisection bisection) {
  switch (bisection) {
    case Bisection::kGood:
      return "good";
    case Bisection::kBad:
      return "bad";
    case Bisection::kSkip:
      return "to be skipped";
    case Bisection::kStop:
      return "not judged, nor would another be";
    case Bisection::kInterrupted:
      return "not judged: interrupted";
  }
  return "";
}

constexpr char kAboutBisection[] =
    R"(Build a kernel tree and judge it, for `git bisect run`

Builds TREE as it is now as user-mode Linux, as `finwait kernel build` does,
and plays the scenarios on it. What has not changed since the last time is not
built again, so that a step of a bisection takes seconds.

  git bisect start BAD GOOD
  git bisect run finwait bisect-run . orphan.toml

Exit status: 0 all passed; 1 something failed; 125 this commit cannot be
judged: it does not build, does not boot, or a scenario is broken or
unsupported on it; 128 and more: git is to stop, as something is wrong with
the scenarios or this machine.)";

}  // namespace

void AddBisectOptions(CLI::App& app, BisectArguments& arguments) {
  app.description(kAboutBisection);
  app.add_option("tree", arguments.tree, "A kernel tree")->required();
  AddCaseOptions(app, arguments.cases);
  app.add_option("-j,--jobs", arguments.jobs,
                 "Compilers at a time (default: one per CPU)")
      ->check(CLI::Range(1, 1000));
}

int BisectRun(const BisectArguments& arguments) {
  Bisection bisection = Bisection::kStop;
  try {
    bisection = Judge(arguments);
  } catch (const std::exception& error) {
    std::cerr << "finwait: " << error.what() << "\n";
  }
  std::cout << "This kernel is " << Meaning(bisection) << ".\n";
  return static_cast<int>(bisection);
}

}  // namespace finwait::tools
