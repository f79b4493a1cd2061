// One build of a kernel by its own Makefiles.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernel/telling.h"

namespace finwait::kernel {

// Throws Error naming what of the tools that a kernel is built with is not
// there.
void RequireBuildTools();

// The compiler's version, as it says it itself.
std::string CompilerVersion();

// Configures and builds the tree `source` as user-mode Linux in `build`, which
// may hold an earlier build; the result is `build`/linux. Tells how far it is.
// Throws BuildFailed; Error naming options that were not taken.
void MakeUserMode(const std::filesystem::path& source,
                  const std::filesystem::path& build, int jobs,
                  const Telling& telling);

// What a person needs of a failed build's log: its first error and its end.
std::string Essence(const std::string& log);

}  // namespace finwait::kernel
