// Two runs of one case in two columns, event beside event. Pure.
#pragma once

#include <string>
#include <vector>

#include "compare/difference.h"
#include "judge/result.h"
#include "report/terminal.h"

namespace finwait::compare {

// One of the two. The result must outlive it.
struct Party {
  std::string name;  // "uml-7.3": its kernel, as the user says it
  const judge::Result& result;
};

// What both have stands in one line, what only one has in a line of its own;
// "≠" marks the lines of the differences. Of a crowd: what its groups have in
// common. At least 100 columns wide.
std::string SideBySide(const Party& a, const Party& b,
                       const std::vector<Difference>& differences,
                       const report::Style& style);

}  // namespace finwait::compare
