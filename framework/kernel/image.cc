// Looks at a file to see what kernel it is, and copies it; see the header.
#include "kernel/image.h"

#include <cstdint>
#include <fstream>
#include <vector>

#include "base/error.h"
#include "kernel/fingerprint.h"
#include "kernel/packages.h"
#include "process/job.h"
#include "process/program.h"

namespace finwait::kernel {
namespace fs = std::filesystem;
namespace {

std::string Read(const fs::path& file, std::uintmax_t offset,
                 std::size_t size) {
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(offset));
  std::string bytes(size, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(size));
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  return bytes;
}

[[noreturn]] void Refuse(const fs::path& path, const std::string& why) {
  throw Error("adding " + path.string(), why);
}

// What user-mode Linux says of itself; empty if it ends otherwise. A kernel for
// PCs also is an ELF file before it is packed (vmlinux), and dies at once when
// it is started as a program.
std::string Ask(const fs::path& image, const char* question) {
  try {
    const std::string program = fs::absolute(image);
    return process::OutputOf({.command = {program, question}});
  } catch (const Error&) {
    return "";
  }
}

std::string ReleaseOfUserMode(const fs::path& image) {
  if (Read(image, 1, 3) != "ELF") return "";
  std::string release = Ask(image, "--version");
  const std::string help = Ask(image, "--help");
  if (!release.empty() && help.find("time-travel=inf-cpu") == help.npos) {
    Refuse(image, "it was built without CONFIG_UML_TIME_TRAVEL_SUPPORT");
  }
  return release;
}

// The kernel in a folder in which one was built.
fs::path ImageIn(const fs::path& folder) {
  for (const char* place : {"arch/x86/boot/bzImage", "linux"}) {
    if (fs::is_regular_file(folder / place)) return folder / place;
  }
  Refuse(folder,
         "it has neither arch/x86/boot/bzImage nor a user-mode linux: was a "
         "kernel built in it?");
}

void IndexModules(const fs::path& folder, const std::string& release) {
  if (!process::FindExecutable("depmod")) return;
  process::OutputOf({.command = {"depmod", "-b", folder, release}});
}

// Modules as they are when installed: from a folder of such, or from a build.
void CopyModules(const ImageSource& source, const fs::path& folder,
                 Kernel& kernel) {
  const fs::path target = folder / "lib/modules" / kernel.release;
  if (!source.modules.empty()) {
    fs::create_directories(target);
    fs::copy(source.modules, target,
             fs::copy_options::recursive | fs::copy_options::skip_symlinks);
    IndexModules(folder, kernel.release);
  } else if (fs::exists(source.path / "modules.order")) {
    process::OutputOf(
        {.command = {"make", "modules_install", "INSTALL_MOD_STRIP=1",
                     "INSTALL_MOD_PATH=" + folder.string()},
         .folder = source.path});
    for (const char* link : {"build", "source"}) fs::remove(target / link);
  }
  if (fs::exists(target)) kernel.modules = target;
}

std::string ContentOf(const fs::path& image) {
  return FingerprintOf(Read(image, 0, fs::file_size(image)));
}

// All but the name.
Kernel Describe(const fs::path& image) {
  Kernel kernel{.flavour = Flavour::kMachine,
                .release = ReleaseOfBzImage(image),
                .origin = fs::absolute(image),
                .content = ContentOf(image)};
  if (!kernel.release.empty()) return kernel;
  kernel.flavour = Flavour::kUserMode;
  kernel.release = ReleaseOfUserMode(image);
  if (!kernel.release.empty()) return kernel;
  Refuse(image, "it is neither a bzImage nor a user-mode Linux");
}

std::string NameFor(const Kernel& kernel, const fs::path& path) {
  const char* prefix = kernel.flavour == Flavour::kMachine ? "linux-" : "uml-";
  return prefix + (fs::is_directory(path)
                       ? fs::canonical(path).filename().string()
                       : MajorMinor(kernel.release));
}

}  // namespace

std::string ReleaseOfBzImage(const fs::path& image) {
  constexpr std::uintmax_t kMagic = 0x202;
  constexpr std::uintmax_t kVersion = 0x20e;  // where, less 0x200
  constexpr std::size_t kLongest = 200;
  if (Read(image, kMagic, 4) != "HdrS") return "";
  const std::string at = Read(image, kVersion, 2);
  const auto offset = static_cast<unsigned char>(at.at(0)) +
                      256U * static_cast<unsigned char>(at.at(1));
  const std::string text = Read(image, 0x200U + offset, kLongest);
  return text.substr(0, text.find_first_of(std::string_view(" \0", 2)));
}

Kernel AddImage(Cache& cache, const ImageSource& source,
                const Telling& telling) {
  RequirePc();
  if (!fs::exists(source.path)) Refuse(source.path, "there is no such file");
  const fs::path image =
      fs::is_directory(source.path) ? ImageIn(source.path) : source.path;
  Kernel kernel = Describe(image);
  kernel.name =
      source.name.empty() ? NameFor(kernel, source.path) : source.name;
  const bool machine = kernel.flavour == Flavour::kMachine;
  telling.Line("copying " + image.string());
  return cache.Store([&](const fs::path& folder) {
    kernel.image = folder / (machine ? "vmlinuz" : "linux");
    fs::copy_file(image, kernel.image);
    if (machine) CopyModules(source, folder, kernel);
    return kernel;
  });
}

}  // namespace finwait::kernel
