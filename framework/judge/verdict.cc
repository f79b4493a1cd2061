// Names, sums and exit codes of verdicts.
#include "judge/verdict.h"

#include <algorithm>

namespace finwait::judge {

std::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kUnsupported:
      return "unsupported";
    case Verdict::kBroken:
      return "broken";
    case Verdict::kFail:
      return "fail";
  }
  return "unknown";
}

Verdict Merge(Verdict a, Verdict b) { return std::max(a, b); }

int ExitCode(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return 0;
    case Verdict::kFail:
      return 1;
    case Verdict::kUnsupported:
      return 77;  // what automake and CTest's SKIP_RETURN_CODE expect
    case Verdict::kBroken:
      break;
  }
  return 3;
}

}  // namespace finwait::judge
