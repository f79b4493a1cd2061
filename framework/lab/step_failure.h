// Why a step did not come out as the scenario says. Internal to lab/.
#pragma once

#include <string>

namespace finwait::lab {

// Thrown by whatever plays a step; Player turns it into a judge::Finding with
// the step's place. Not an Error: the machine did as asked, the subject did
// not behave.
struct StepFailure {
  std::string expected;  // "connect returns 0"
  std::string actual;    // "failed with ECONNREFUSED after 312us"
};

// The user wants the run to end: Ctrl-C.
struct Interrupted {};

}  // namespace finwait::lab
