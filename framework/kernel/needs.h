// What of the host a guest needs, and how it is told of its caller.
#pragma once

#include <vector>

#include "kernel/boot.h"
#include "kernel/order.h"
#include "scenario/scenario.h"

namespace finwait::kernel {

// This finwait, the files that the cases come from, the programs they run and
// the files that these are given as arguments.
Needs NeedsOf(const std::vector<scenario::Scenario>& cases);

// An order with nothing to do, in our folder and with our environment.
Order OrderFromHere();

// By flavour.
Boot BootOf(const Kernel& kernel, const Cache& cache, const Needs& needs,
            Clock clock = Clock::kVirtual);

}  // namespace finwait::kernel
