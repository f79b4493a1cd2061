// The initial file system of a machine: everything its scenarios will open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "kernel/boot.h"
#include "kernel/cache.h"
#include "kernel/kernel.h"

namespace finwait::kernel {

// An image for qemu's -initrd. `path` is good for us and our children as long
// as `keeps` lives; nothing is left on disk.
struct InitialImage {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
  std::shared_ptr<void> keeps;
};

// Holds finwait as /init, the programs with all they need, the modules and
// their order (/finwait/modules), and the scenarios' files. All but the last
// is kept in the cache's workshop and made again when a file of the host that
// is in it, or the kernel, has changed. Throws Error naming what cannot be
// found, or a folder with too much in it.
InitialImage MakeInitialImage(const Kernel& kernel, const Needs& needs,
                              const Cache& cache);

}  // namespace finwait::kernel
