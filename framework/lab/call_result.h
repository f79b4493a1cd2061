// Compares what a system call came to with what its step expects. Internal to
// lab/.
#pragma once

#include <string>

#include "process/actor.h"
#include "scenario/step.h"

namespace finwait::lab {

std::string ErrnoName(int error);  // "ECONNRESET"

// Throws StepFailure unless the result of the call named `what` is as `step`
// expects: success, or the errno, the value and the duration it names.
void Compare(const scenario::Step& step, const process::CallReturn& result,
             const std::string& what);

}  // namespace finwait::lab
