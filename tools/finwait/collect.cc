// Plays on one kernel after the other until every case has its result.
#include "collect.h"

#include <unistd.h>

#include "arena.h"
#include "progress.h"

namespace finwait::tools {
namespace {

using judge::Result;
using Cases = std::vector<scenario::Scenario>;

// Until there is a result.
std::vector<Result> NothingKnown(const Cases& cases) {
  std::vector<Result> results(cases.size());
  for (std::size_t n = 0; n < cases.size(); ++n) {
    results[n].scenario = cases[n];
    results[n].verdict = judge::Verdict::kBroken;
    results[n].reason = "interrupted";
  }
  return results;
}

// Puts the results of the arena's cases in their places.
void PlayArena(const Arena& arena, const Cases& cases,
               const CollectOptions& collect, std::vector<Result>* results) {
  Cases chosen;
  for (const std::size_t n : arena.numbers) chosen.push_back(cases[n]);
  Progress progress(chosen.size(), isatty(STDERR_FILENO) == 1, stderr);
  const auto print = [&](const std::string& line) { progress.Print(line); };
  lab::BatchOptions options;
  options.jobs = collect.jobs;
  options.interrupt_fd = collect.interrupt_fd;
  options.on_status = [&](std::size_t n, const std::string& what) {
    progress.SetStatus(
        n, what.empty() ? what : chosen[n].DisplayName() + ": " + what);
  };
  options.on_result = [&](std::size_t n, Result result) {
    progress.CountFinished();
    (*results)[arena.numbers[n]] = std::move(result);
  };
  const auto pace = PlayIn(arena, chosen, options, print);
  if (pace) print(PaceLine(arena, *pace));
}

}  // namespace

std::vector<Result> Collect(const Cases& cases, const CollectOptions& options) {
  std::vector<Result> results = NothingKnown(cases);
  for (const Arena& arena : ArenasFor({options.kernel}, cases)) {
    PlayArena(arena, cases, options, &results);
  }
  return results;
}

}  // namespace finwait::tools
