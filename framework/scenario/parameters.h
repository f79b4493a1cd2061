// [parameter], [[case]] and [[exclude]]: the cases of a file.
#pragma once

#include <string>
#include <vector>

#include "scenario/mistakes.h"
#include "scenario/node.h"
#include "scenario/substitute.h"

namespace finwait::scenario {

struct Case {
  std::string name;  // "tcp_fin_timeout=61"; empty if the file has only one
  Bindings bindings;
};

// Every combination that is not excluded, in the order of the file; at least
// one. `root` is the file's root.
std::vector<Case> CasesOf(const Node& root, Mistakes& mistakes);

// Reports parameters that nothing in the file uses.
void CheckAllUsed(const Node& root, const std::set<std::string>& used,
                  Mistakes& mistakes);

}  // namespace finwait::scenario
