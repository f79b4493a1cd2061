// Kernels that somebody else built.
#pragma once

#include <filesystem>
#include <string>

#include "kernel/cache.h"
#include "kernel/telling.h"

namespace finwait::kernel {

struct ImageSource {
  std::filesystem::path path;     // a kernel, or the folder it was built in
  std::filesystem::path modules;  // lib/modules/RELEASE; empty: none, or those
                                  // of the folder
  std::string name;  // empty: "linux-6.1" or "uml-7.3", with a folder's name
                     // instead of the version
};

// Copies a kernel into the cache: a bzImage (vmlinuz) for QEMU with its
// modules, a user-mode Linux built with time travel, or what of both is found
// in the folder of a kernel's build. Throws Error saying what `path` lacks.
Kernel AddImage(Cache& cache, const ImageSource& source,
                const Telling& telling);

// The release in a bzImage's header; empty if `image` is none
// (Documentation/arch/x86/boot.rst: "HdrS" at 0x202, kernel_version).
std::string ReleaseOfBzImage(const std::filesystem::path& image);

}  // namespace finwait::kernel
