// How finely a behaviour tells of time.
#pragma once

#include "base/units.h"

namespace finwait::compare {

// To 1 ms; below 100 ms to 10 us, below 1 ms to 1 us. What is behind that is
// noise even in virtual time: a kernel's own housekeeping comes at random
// moments, and every reading of user-mode Linux's clock takes 256 ns
// (arch/um/kernel/time.c, timer_read).
Duration Rounded(Duration duration);

}  // namespace finwait::compare
