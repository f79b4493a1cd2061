// Everything one run of one case came to.
#pragma once

#include <string>
#include <vector>

#include "judge/judge.h"
#include "judge/verdict.h"
#include "scenario/scenario.h"
#include "tcp/timeline.h"

namespace finwait::judge {

struct Result {
  scenario::Scenario scenario;
  Verdict verdict = Verdict::kPass;
  std::vector<Finding> findings;
  tcp::Timeline timeline;
  Environment environment;
  std::vector<std::string> blame;
  std::string reason;  // why unsupported or broken; empty otherwise
  // Why it was played again, one for each time before this one.
  std::vector<std::string> retakes;
};

}  // namespace finwait::judge
