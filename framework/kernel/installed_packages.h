// What dpkg knows about the files and packages of the host.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace finwait::kernel {

// The installed package that brought a file, "nginx"; nothing if none did, or
// this is no Debian.
std::optional<std::string> PackageOf(const std::filesystem::path& file);

// `package` and the installed packages it depends on, and so on, but for those
// of the base system (whose priority is not "optional") and the C library.
std::vector<std::string> WithDependencies(const std::string& package);

// A package's files and folders, without documentation and translations.
std::vector<std::filesystem::path> FilesOf(const std::string& package);

}  // namespace finwait::kernel
