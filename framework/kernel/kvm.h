// Whether this machine's CPU can run a kernel by itself.
#pragma once

#include <string>

#include "kernel/cache.h"
#include "kernel/kernel.h"

namespace finwait::kernel {

// Empty if the kernel boots under KVM; else why not, in a line: there is no
// KVM, it may not be used, the kernel dies in it. That is tried out, for some
// seconds at most, and remembered in the cache's workshop. `qemu` is the
// program's path.
std::string WhyNotKvm(const Kernel& kernel, const std::string& qemu,
                      const Cache& cache);

}  // namespace finwait::kernel
