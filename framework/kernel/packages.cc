// From "debian:bookworm" to vmlinuz and modules; see the header.
#include "kernel/packages.h"

#include <sys/utsname.h>

#include <regex>
#include <vector>

#include "base/error.h"
#include "kernel/apt.h"
#include "kernel/disk_space.h"
#include "kernel/fingerprint.h"
#include "process/job.h"
#include "process/program.h"

namespace finwait::kernel {
namespace fs = std::filesystem;
namespace {

// The smallest flavour, with all that scenarios need: veth, netem, bridges,
// nf_tables' netdev family, sock_diag, and a virtio or serial console.
constexpr char kNewest[] = "linux-image-cloud-amd64";

// A cloud image is 20 to 40 MB packed and 40 to 110 MB unpacked, and for a
// moment both are there.
constexpr std::uintmax_t kSpace = 300'000'000;

bool IsPartOfKernel(const std::string& package) {
  for (const char* prefix :
       {"linux-image-", "linux-base-", "linux-binary-", "linux-modules-"}) {
    if (package.starts_with(prefix)) return true;
  }
  return false;
}

// The image a meta package depends on: the newest one.
Package ImageOf(const Apt& apt, const std::string& meta) {
  for (const std::string& name : apt.Show(meta).depends) {
    if (name.starts_with("linux-image-")) return apt.Show(name);
  }
  throw Error("package " + meta, "it depends on no kernel");
}

// The image and, since 7.2, the packages behind it that have its parts.
std::vector<Package> AllOf(const Apt& apt, const Package& image) {
  std::vector<Package> all = {image};
  for (const std::string& name : image.depends) {
    if (IsPartOfKernel(name)) all.push_back(apt.Show(name));
  }
  return all;
}

fs::path FileOf(const fs::path& folder, const std::string& prefix) {
  if (!fs::is_directory(folder)) return {};
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with(prefix)) return entry;
  }
  return {};
}

// lib/modules/RELEASE, which newer packages have in usr/.
fs::path ModulesOf(const fs::path& root) {
  for (const char* parent : {"usr/lib/modules", "lib/modules"}) {
    fs::path folder = FileOf(root / parent, "");
    if (!folder.empty()) return folder;
  }
  return {};
}

// What depmod(8) writes when a package is installed.
void IndexModules(const fs::path& root, const std::string& release) {
  if (!process::FindExecutable("depmod")) return;
  process::OutputOf({.command = {"depmod", "-b", root, release}});
}

// Moves the file of that kind, "vmlinuz" or "config", to `target`. Newer
// packages have it beside the modules.
bool Take(const fs::path& root, const fs::path& modules, const char* kind,
          const fs::path& target) {
  for (const fs::path& folder : {root / "boot", modules}) {
    const fs::path file = FileOf(folder, kind);
    if (file.empty()) continue;
    fs::rename(file, target);
    return true;
  }
  return false;
}

// Moves what is of use from the unpacked packages in `root` to `folder`.
Kernel Keep(const fs::path& root, const fs::path& folder) {
  const fs::path modules = ModulesOf(root);
  Kernel kernel{.flavour = Flavour::kMachine,
                .release = modules.filename(),
                .image = folder / "vmlinuz",
                .modules = folder / "lib/modules" / modules.filename()};
  if (modules.empty() || !Take(root, modules, "vmlinuz", kernel.image)) {
    throw Error("unpacking a kernel", "no vmlinuz or no modules in it");
  }
  Take(root, modules, "config", folder / "config");
  fs::create_directories(kernel.modules.parent_path());
  fs::rename(modules, kernel.modules);
  IndexModules(folder, kernel.release);
  return kernel;
}

std::string ContentOf(const std::vector<Package>& all) {
  std::string names;
  for (const Package& package : all) {
    names += package.name + " " + package.version + "\n";
  }
  return FingerprintOf(names);
}

Kernel FetchAndKeep(const Apt& apt, const std::vector<Package>& all,
                    const fs::path& folder, const Telling& telling) {
  const fs::path fetched = folder / "packages";
  const fs::path root = folder / "root";
  for (const Package& package : all) {
    telling.Line("fetching " + package.name + " " + package.version);
    Unpack(apt.Download(package, fetched), root);
    fs::remove_all(fetched);
  }
  Kernel kernel = Keep(root, folder);
  fs::remove_all(root);
  return kernel;
}

}  // namespace

std::string MajorMinor(const std::string& release) {
  static const std::regex kTwo(R"(^\d+\.\d+)");
  std::smatch match;
  return std::regex_search(release, match, kTwo) ? match.str() : release;
}

void RequirePc() {
  utsname machine{};
  uname(&machine);
  if (machine.machine == std::string("x86_64")) return;
  throw Unsupported(std::string("kernels on ") + machine.machine,
                    "a machine with x86_64");
}

Kernel AddPackage(Cache& cache, const PackageSource& source,
                  const Telling& telling) {
  RequirePc();
  RequireSpace(cache.folder(), kSpace, "fetching a kernel");
  const Apt apt(cache.Workshop("apt-" + source.suite), source.suite,
                source.mirror, telling);
  const Package image =
      source.package.empty() ? ImageOf(apt, kNewest) : apt.Show(source.package);
  const auto all = AllOf(apt, image);
  const std::string name =
      source.name.empty() ? "debian-" + MajorMinor(image.version) : source.name;
  const std::string content = ContentOf(all);
  if (cache.Has(name) && cache.Find(name).content == content) {
    telling.Line(name + " is already there: " + image.name + " " +
                 image.version);
    return cache.Find(name);
  }
  return cache.Store([&](const fs::path& folder) {
    Kernel kernel = FetchAndKeep(apt, all, folder, telling);
    kernel.name = name;
    kernel.origin =
        "debian:" + source.suite + " " + image.name + " " + image.version;
    kernel.content = content;
    return kernel;
  });
}

}  // namespace finwait::kernel
