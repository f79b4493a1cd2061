// One finding in words.
#include <string>

#include "base/units.h"
#include "report/terminal.h"
#include "report/text.h"

namespace finwait::report {
namespace {

using judge::Finding;

std::string MarginText(const Finding& finding) {
  return finding.margin ? "  (margin " + Format(*finding.margin) + ")" : "";
}

std::string Block(const Finding& finding, const Style& style) {
  std::string label = Label(finding.verdict);
  std::string text = Paint(label, ColorOf(finding.verdict), style) + "  " +
                     Paint(finding.subject, Color::kBold, style) + "  (" +
                     ToString(finding.place) + ")\n";
  auto width = static_cast<std::size_t>(style.width);
  text += Fold("  expected  ", finding.expected, width);
  if (!finding.formula.empty()) {
    text += Fold("  formula   ", finding.formula, width);
  }
  text += Fold("  actual    ", finding.actual, width);
  if (finding.margin) text += "  margin    " + Format(*finding.margin) + "\n";
  return text;
}

}  // namespace

std::string FindingText(const Finding& finding, const Style& style) {
  if (finding.verdict != judge::Verdict::kPass) return Block(finding, style);
  return Paint(Label(finding.verdict), ColorOf(finding.verdict), style) + "  " +
         finding.subject + ": " + finding.expected + ": " + finding.actual +
         MarginText(finding) + "\n";
}

}  // namespace finwait::report
