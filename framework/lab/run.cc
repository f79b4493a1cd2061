#include "lab/run.h"

#include "base/error.h"
#include "base/priority.h"
#include "judge/blame.h"
#include "judge/close_race.h"
#include "judge/duration.h"
#include "lab/differences.h"
#include "lab/probe.h"
#include "lab/step_failure.h"

namespace finwait::lab {
namespace {

using judge::Finding;
using judge::Result;
using judge::Verdict;

std::optional<Finding> PlayAll(Session& session, const Result& result) {
  const scenario::Scenario here =
      result.scenario.Where(result.environment.differences);
  for (const scenario::Step& step : here.steps) {
    if (auto failed = session.Play(step)) return failed;
  }
  return session.Settle(result.scenario.time_limit);
}

void JudgeAll(std::optional<Finding> failed_step, Result& result) {
  result.findings =
      judge::Judge(result.scenario, result.timeline, result.environment);
  if (failed_step) {
    result.findings.insert(result.findings.begin(), std::move(*failed_step));
  }
  for (const Finding& finding : result.findings) {
    result.verdict = judge::Merge(result.verdict, finding.verdict);
  }
  result.blame = judge::Blame(result.timeline, result.environment);
}

void PlayAndJudge(const RunOptions& options, Result& result) {
  const Ahead ahead;  // or a step would wait for other programs
  Session session(result.scenario, options);
  result.environment = session.environment();
  result.environment.differences = DifferencesHere(result.scenario);
  std::optional<Finding> failed_step;
  try {
    failed_step = PlayAll(session, result);
  } catch (...) {
    result.timeline = session.Finish();  // what was seen until then
    throw;
  }
  result.timeline = session.Finish();
  JudgeAll(std::move(failed_step), result);
}

void GiveUp(Verdict verdict, const std::string& reason, Result& result) {
  result.verdict = verdict;
  result.reason = reason;
}

Result PlayOnce(const scenario::Scenario& scenario, const RunOptions& options) {
  Result result;
  result.scenario = scenario;
  result.timeline.begin = result.timeline.end = MonotonicClock::now();
  try {
    RequireFeatures(scenario);
    PlayAndJudge(options, result);
  } catch (const Unsupported& unsupported) {
    GiveUp(Verdict::kUnsupported, unsupported.what(), result);
  } catch (const Interrupted&) {
    GiveUp(Verdict::kBroken, "interrupted", result);
  } catch (const std::exception& error) {
    GiveUp(Verdict::kBroken, error.what(), result);
  }
  return result;
}

// Why this run says little of TCP's ways; empty if it says all it can.
std::string Mishap(const Result& result) {
  const bool finished = result.reason.empty();
  if (!finished || result.verdict == Verdict::kPass) return "";
  std::string race = judge::CloseRace(result.timeline, result.environment);
  if (!race.empty()) return race;
  return Describe(judge::LatenessOf(result.timeline, result.environment));
}

}  // namespace

Result Run(const scenario::Scenario& scenario, const RunOptions& options) {
  constexpr std::size_t kRetakes = 2;
  std::vector<std::string> retakes;
  Result result = PlayOnce(scenario, options);
  for (std::string why = Mishap(result);
       !why.empty() && retakes.size() < kRetakes; why = Mishap(result)) {
    retakes.push_back(why);
    result = PlayOnce(scenario, options);
  }
  result.retakes = std::move(retakes);
  return result;
}

}  // namespace finwait::lab
