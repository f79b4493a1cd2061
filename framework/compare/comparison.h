// What the comparison of two runs of one case came to, and how it is told.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "compare/difference.h"
#include "compare/side_by_side.h"
#include "judge/verdict.h"
#include "report/terminal.h"

namespace finwait::compare {

struct Comparison {
  // Pass: the same; fail: something differs; else one of the two is unknown.
  judge::Verdict verdict = judge::Verdict::kPass;
  std::string reason;  // why unknown
  std::vector<Difference> differences;
};

Comparison CompareRuns(const Party& a, const Party& b);

// One line, and where something differs each fact with both figures, and the
// timelines side by side.
std::string Text(const Comparison& comparison, const Party& a, const Party& b,
                 const report::Style& style);

}  // namespace finwait::compare
