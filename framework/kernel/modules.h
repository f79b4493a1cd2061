// Modules of a kernel that is not the running one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace finwait::kernel {

// The files of the wanted modules and of all they depend on, each after what
// it depends on. `folder` is lib/modules/RELEASE; what is not there is built
// in, or the kernel lacks it, and is left out. Needs no modules.dep, which
// packages come without. Throws Error naming a file that is no module.
std::vector<std::filesystem::path> ModulesInLoadOrder(
    const std::filesystem::path& folder,
    const std::vector<std::string>& wanted);

}  // namespace finwait::kernel
