// What all cases of a command came to, as people and shells are told.
#pragma once

#include <vector>

#include "base/error.h"
#include "judge/verdict.h"

namespace finwait::tools {

// "3 pass, 1 fail" on standard output.
void PrintCounts(const std::vector<judge::Verdict>& verdicts);

// The exit status of all together; if all are required, unsupported ones fail.
int ExitStatusOf(const std::vector<judge::Verdict>& verdicts,
                 bool require_all = false);

// That of a command which can play nothing, after saying why on standard error.
int Refuse(const Unsupported& unsupported, bool require_all = false);

}  // namespace finwait::tools
