// Compares what a system call came to with what its step expects. Internal to
// lab/.
#pragma once

#include <string>

#include "base/units.h"
#include "process/actor.h"
#include "scenario/step.h"

namespace finwait::lab {

std::string ErrnoName(int error);  // "ECONNRESET"

// Throws StepFailure unless the result of the call named `what` is as `step`
// expects: success, or the errno or the value it names.
void Compare(const scenario::Step& step, const process::CallReturn& result,
             const std::string& what);

// The same for how long the step's calls took, from the begin of the first to
// the end of the last.
void CompareDuration(const scenario::Step& step, Duration took);

}  // namespace finwait::lab
