#include "verdicts.h"

#include <algorithm>
#include <iostream>

namespace finwait::tools {

using judge::Verdict;

void PrintCounts(const std::vector<Verdict>& verdicts) {
  for (const Verdict verdict : {Verdict::kPass, Verdict::kFail,
                                Verdict::kBroken, Verdict::kUnsupported}) {
    const auto count = std::count(verdicts.begin(), verdicts.end(), verdict);
    if (count > 0 || verdict == Verdict::kPass) {
      std::cout << (verdict == Verdict::kPass ? "" : ", ") << count << " "
                << Name(verdict);
    }
  }
  std::cout << std::endl;
}

int ExitStatusOf(const std::vector<Verdict>& verdicts, bool require_all) {
  Verdict all = Verdict::kPass;
  for (const Verdict verdict : verdicts) {
    const bool lacking = verdict == Verdict::kUnsupported && require_all;
    all = judge::Merge(all, lacking ? Verdict::kFail : verdict);
  }
  return judge::ExitCode(all);
}

int Refuse(const Unsupported& unsupported, bool require_all) {
  std::cerr << "finwait: unsupported: " << unsupported.what() << "\n";
  return ExitStatusOf({Verdict::kUnsupported}, require_all);
}

}  // namespace finwait::tools
