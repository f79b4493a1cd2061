// Holds results against a baseline.
#include "compare/baseline.h"

#include <algorithm>

#include "compare/difference.h"

namespace finwait::compare {
namespace {

using judge::Finding;
using judge::Result;
using judge::Verdict;

std::string RunText(const Behaviour& behaviour) {
  return "Linux " + behaviour.kernel + " at " + std::to_string(behaviour.hz) +
         " Hz in " + (behaviour.virtual_time ? "virtual" : "real") + " time";
}

Finding Begin(const Baseline& baseline, int line) {
  Finding finding;
  finding.place = {.file = baseline.file, .line = line, .column = 1};
  finding.subject = "baseline";
  return finding;
}

Finding MissingCase(const Baseline& baseline, const std::string& name) {
  Finding finding = Begin(baseline, 0);
  finding.verdict = Verdict::kFail;
  finding.expected =
      name.empty() ? "a case without parameters" : "a case \"" + name + "\"";
  finding.actual =
      baseline.file + " has none: record it again, with finwait record --force";
  return finding;
}

Finding Unknown(const Baseline& baseline, const Behaviour& recorded,
                const std::string& why) {
  Finding finding = Begin(baseline, recorded.line);
  finding.verdict = Verdict::kBroken;
  finding.expected = "as on " + RunText(recorded);
  finding.actual = "not known: " + why;
  return finding;
}

// Where to look in the run: at the end of the stay that is another one.
std::optional<TimePoint> MomentOf(const Difference& difference,
                                  const tcp::Timeline& timeline) {
  const auto* endpoint = timeline.Find(difference.host, difference.connection);
  if (!endpoint || !difference.stay_b) return std::nullopt;
  const auto stays = judge::StaysOf(*endpoint);
  if (*difference.stay_b >= stays.size()) return std::nullopt;
  const judge::Stay& stay = stays[*difference.stay_b];
  const tcp::Transition* transition = stay.exit ? stay.exit : stay.entry;
  return transition ? std::optional(transition->at) : std::nullopt;
}

Finding Deviation(const Baseline& baseline, const Difference& difference,
                  const Result& result) {
  Finding finding = Begin(baseline, difference.line);
  finding.verdict = Verdict::kFail;
  finding.subject = difference.subject;
  finding.expected = "as recorded: " + difference.a;
  finding.formula = difference.why;
  finding.actual = difference.b;
  finding.host = difference.host;
  finding.connection = difference.connection;
  finding.around = MomentOf(difference, result.timeline);
  return finding;
}

}  // namespace

const Behaviour* Baseline::Find(const std::string& case_name) const {
  const auto found = std::find_if(
      cases.begin(), cases.end(),
      [&](const Behaviour& one) { return one.case_name == case_name; });
  return found == cases.end() ? nullptr : &*found;
}

std::filesystem::path BaselineName(const scenario::Scenario& scenario) {
  return std::filesystem::path(scenario.file).stem().concat(".baseline");
}

std::vector<Finding> Deviations(const Baseline& baseline,
                                const Result& result) {
  if (!result.reason.empty()) return {};  // says more than we could
  const std::string& name = result.scenario.case_name;
  const Behaviour* recorded = baseline.Find(name);
  if (!recorded) return {MissingCase(baseline, name)};
  const std::string why = WhyUnknown(result);
  if (!why.empty()) return {Unknown(baseline, *recorded, why)};
  std::vector<Finding> findings;
  for (const Difference& one : Compare(*recorded, Distill(result))) {
    findings.push_back(Deviation(baseline, one, result));
  }
  if (!findings.empty()) return findings;
  Finding same = Begin(baseline, recorded->line);
  same.expected = same.actual = "as on " + RunText(*recorded);
  return {same};
}

}  // namespace finwait::compare
