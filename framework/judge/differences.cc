// Do declared differences of this kernel still show?
#include <algorithm>

#include "judge/evidence.h"

namespace finwait::judge {
namespace {

// A difference shows as long as the run does not fulfil what is expected
// without it. If a step came out otherwise, the run got here because it did.
Finding JudgeDifference(const scenario::Difference& difference,
                        const std::vector<Finding>& without) {
  const auto failed = std::count_if(
      without.begin(), without.end(),
      [](const Finding& one) { return one.verdict != Verdict::kPass; });
  Finding finding;
  finding.place = difference.place;
  finding.subject = "declared difference where " + difference.where.text;
  finding.expected = difference.reason + " (" + difference.source + ")";
  if (failed == 0 && difference.results.empty()) {
    Decide(finding, Verdict::kFail,
           "declared difference does not show any more: all passes without it");
  } else {
    Decide(finding, Verdict::kPass,
           std::to_string(failed + difference.results.size()) +
               " would not pass without it");
  }
  return finding;
}

}  // namespace

std::vector<Finding> JudgeDifferences(const scenario::Scenario& scenario,
                                      const tcp::Timeline& timeline,
                                      const Environment& environment) {
  std::vector<Finding> findings;
  for (std::size_t number : environment.differences) {
    scenario::DifferenceSet others = environment.differences;
    std::erase(others, number);
    findings.push_back(JudgeDifference(
        scenario.differences.at(number),
        JudgeExpectations(scenario.Where(others), timeline, environment)));
  }
  return findings;
}

}  // namespace finwait::judge
