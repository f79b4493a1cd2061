// Kernel modules as packages ship them: compressed or not.
#pragma once

#include <filesystem>
#include <string>

namespace finwait::kernel {

// A module's bytes, decompressed: .ko, .ko.xz, .ko.zst. A guest's kernel may
// be too old to do that itself. Throws Error naming the file.
std::string ReadModule(const std::filesystem::path& file);

}  // namespace finwait::kernel
