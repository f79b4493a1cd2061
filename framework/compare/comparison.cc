// Compares two results and tells of it.
#include "compare/comparison.h"

#include "report/text.h"

namespace finwait::compare {
namespace {

using judge::Verdict;

std::string Word(Verdict verdict) {
  if (verdict == Verdict::kPass) return "SAME";
  if (verdict == Verdict::kFail) return "DIFFERS";
  return report::Label(verdict);
}

Comparison Unknown(const Party& party, const std::string& why) {
  const bool unsupported = party.result.verdict == Verdict::kUnsupported;
  return {unsupported ? Verdict::kUnsupported : Verdict::kBroken,
          "on " + party.name + ": " + why,
          {}};
}

std::string DifferenceText(const Difference& difference,
                           const report::Style& style) {
  const auto width = static_cast<std::size_t>(style.width);
  std::string text = "  " + difference.subject + "\n";
  text += report::Fold("      A  ", difference.a, width);
  text += report::Fold("      B  ", difference.b, width);
  if (difference.why.empty()) return text;
  return text + report::Fold("         ", difference.why, width);
}

}  // namespace

Comparison CompareRuns(const Party& a, const Party& b) {
  for (const Party* party : {&a, &b}) {
    const std::string why = WhyUnknown(party->result);
    if (!why.empty()) return Unknown(*party, why);
  }
  Comparison comparison;
  comparison.differences = Compare(Distill(a.result), Distill(b.result));
  if (!comparison.differences.empty()) comparison.verdict = Verdict::kFail;
  return comparison;
}

std::string Text(const Comparison& comparison, const Party& a, const Party& b,
                 const report::Style& style) {
  const auto& differences = comparison.differences;
  std::string text = report::Paint(Word(comparison.verdict),
                                   report::ColorOf(comparison.verdict), style);
  text += "  " + a.result.scenario.DisplayName();
  if (!comparison.reason.empty()) text += "  " + comparison.reason;
  if (differences.empty()) return text + "\n";
  text += "  " + report::Plural(differences.size(), "difference") + "\n";
  for (const Difference& one : differences) text += DifferenceText(one, style);
  return text + "\n" + SideBySide(a, b, differences, style) + "\n";
}

}  // namespace finwait::compare
