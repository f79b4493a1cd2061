// User-mode Linux, made from source.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "kernel/cache.h"
#include "kernel/packages.h"
#include "kernel/telling.h"

namespace finwait::kernel {

// The source was refused by the compiler: another source may do.
class BuildFailed : public Error {
 public:
  using Error::Error;
};

struct BuildOptions {
  std::string name;  // empty: "uml-FOLDER"
  int jobs = 0;      // compilers at a time; 0: one per CPU
};

// Builds `folder` with the configuration of user_mode.config in a folder of
// the cache's workshop, which is kept: when the tree changes, what depends on
// the change is built again. Nothing is written to the tree. A kernel made of
// the same source, configuration and compiler is not built again. Throws
// BuildFailed with the first error and where the log is; Unsupported where
// such a kernel cannot run on this machine; Error for everything else that is
// missing: a tree, a tool, room on the disk.
Kernel BuildTree(Cache& cache, const std::filesystem::path& folder,
                 const BuildOptions& options, const Telling& telling);

// The same from a suite's package of the kernel's source (`source.package`, or
// the newest), as "uml-7.3". What was unpacked and built goes, if the kernel
// comes to be, unless `keep`.
Kernel BuildPackage(Cache& cache, const PackageSource& source,
                    const BuildOptions& options, bool keep,
                    const Telling& telling);

}  // namespace finwait::kernel
