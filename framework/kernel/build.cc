// From a tree or a source package to a kernel of the cache; see the header.
#include "kernel/build.h"

#include <fstream>
#include <regex>

#include "kernel/apt.h"
#include "kernel/disk_space.h"
#include "kernel/file_lock.h"
#include "kernel/fingerprint.h"
#include "kernel/make.h"
#include "kernel/tree.h"
#include "kernel/user_mode_config.h"
#include "process/job.h"

namespace finwait::kernel {
namespace fs = std::filesystem;
namespace {

// Measured: a build folder is 130 MB; a tree is 1.4 (6.1) to 1.8 GB (7.3), and
// its package, which is there for a moment, twice 140 to 170 MB.
constexpr std::uintmax_t kBuildSpace = 200'000'000;
constexpr std::uintmax_t kSourceSpace = 2'200'000'000;

constexpr char kNewestSource[] = "linux-source";

// AMX makes a process's registers larger than old user-mode Linux has room
// for: it panics in the first process. Since 6.13 it asks for their size
// (arch/x86/um/os-Linux/registers.c).
void RequireRunnable(const std::string& version) {
  if (IsAtLeast(version, 6, 13)) return;
  std::ifstream cpu("/proc/cpuinfo");
  for (std::string line; std::getline(cpu, line) && !line.empty();) {
    if (line.find(" amx_tile") == line.npos) continue;
    throw Unsupported(
        "user-mode Linux " + version + " on a CPU with AMX",
        "a tree of 6.13 or later, another machine, or this version as "
        "finwait kernel add debian:SUITE, in QEMU");
  }
}

std::string ContentOf(const std::string& source) {
  return FingerprintOf(source + "\n" + std::string(UserModeConfig()) +
                       CompilerVersion());
}

std::string ReadLine(const fs::path& file) {
  std::string line;
  std::ifstream stream(file);
  std::getline(stream, line);
  return line;
}

bool IsThere(const Cache& cache, const Kernel& kernel, const Telling& telling) {
  if (!cache.Has(kernel.name) ||
      cache.Find(kernel.name).content != kernel.content) {
    return false;
  }
  telling.Line(kernel.name + " is already there, made of the same source");
  return true;
}

FileLock LockOf(const fs::path& workshop, const Telling& telling) {
  return FileLock(workshop.string() + ".lock", [&] {
    telling.Line("waiting for another finwait that builds this");
  });
}

// A source to be built, and what becomes of it.
struct Building {
  fs::path source;
  fs::path build;
  Kernel kernel;  // without release and image
};

Kernel Build(Cache& cache, const Building& building, int jobs,
             const Telling& telling) {
  telling.Line("building " + building.kernel.name + " in " +
               building.build.string());
  fs::create_directories(building.build);
  if (!fs::exists(building.build / "linux")) {
    RequireSpace(building.build, kBuildSpace, "building a kernel");
  }
  WithSpaceNamed(building.build, "building a kernel", [&] {
    MakeUserMode(building.source, building.build, jobs, telling);
  });
  return cache.Store([&](const fs::path& folder) {
    Kernel kernel = building.kernel;
    kernel.release = ReadLine(building.build / "include/config/kernel.release");
    kernel.image = folder / "linux";
    fs::copy_file(building.build / "linux", kernel.image);
    fs::copy_file(building.build / ".config", folder / "config");
    return kernel;
  });
}

// The newest linux-source-X.Y behind the meta package.
Package SourcePackage(const Apt& apt, const std::string& name) {
  Package package = apt.Show(name.empty() ? kNewestSource : name);
  for (const std::string& depended : package.depends) {
    if (depended.starts_with("linux-source-")) return apt.Show(depended);
  }
  return package;
}

// Unpacks the tree to `tree`. A half-unpacked one is never taken for a tree: it
// gets its name at the end.
void UnpackSource(const Apt& apt, const Package& package, const fs::path& tree,
                  const Telling& telling) {
  if (fs::exists(tree)) return;
  const fs::path coming = tree.parent_path() / "coming";
  fs::remove_all(coming);
  fs::create_directories(coming / "tree");
  telling.Line("fetching " + package.name + " " + package.version);
  Unpack(apt.Download(package, coming), coming);
  telling.Line("unpacking it");
  const fs::path archive = coming / "usr/src" / (package.name + ".tar.xz");
  process::OutputOf(
      {.command = {"tar", "--extract", "--file", archive,
                   "--strip-components=1", "--directory", coming / "tree"}});
  fs::rename(coming / "tree", tree);
  fs::remove_all(coming);
}

// Tells if nothing is left to be done. Apt's lock goes at the end of this.
bool PreparePackage(const Cache& cache, const PackageSource& source,
                    const std::string& name, Building& building,
                    const Telling& telling) {
  const Apt apt(cache.Workshop("apt-" + source.suite), source.suite,
                source.mirror, telling);
  const Package package = SourcePackage(apt, source.package);
  RequireRunnable(package.version);
  const std::string identity = package.name + " " + package.version;
  building.kernel = {
      .name = name.empty() ? "uml-" + MajorMinor(package.version) : name,
      .origin = "debian:" + source.suite + " " + identity,
      .content = ContentOf(identity)};
  if (IsThere(cache, building.kernel, telling)) return true;
  const fs::path workshop =
      cache.Workshop("source-" + package.name + "-" + package.version);
  building.source = workshop / package.name;
  building.build = workshop / "build";
  WithSpaceNamed(workshop, "building " + identity, [&] {
    RequireSpace(workshop, kSourceSpace, "building a kernel from its source");
    UnpackSource(apt, package, building.source, telling);
  });
  return false;
}

}  // namespace

Kernel BuildTree(Cache& cache, const fs::path& folder,
                 const BuildOptions& options, const Telling& telling) {
  RequirePc();
  RequireRunnable(VersionOfTree(folder));
  RequireBuildTools();
  const fs::path workshop =
      cache.Workshop("tree-" + FingerprintOf(fs::canonical(folder).string()));
  const FileLock lock = LockOf(workshop, telling);
  const Tree tree = ReadTree(folder, workshop / "git");
  const Building building = {
      .source = tree.folder,
      .build = workshop / "build",
      .kernel = {
          .name = options.name.empty()
                      ? "uml-" + tree.folder.filename().string()
                      : options.name,
          .origin = tree.folder.string() + " " +
                    (tree.revision.empty() ? tree.version : tree.revision),
          .content = ContentOf(tree.content)}};
  if (IsThere(cache, building.kernel, telling)) {
    return cache.Find(building.kernel.name);
  }
  return Build(cache, building, options.jobs, telling);
}

Kernel BuildPackage(Cache& cache, const PackageSource& source,
                    const BuildOptions& options, bool keep,
                    const Telling& telling) {
  RequirePc();
  RequireBuildTools();
  const FileLock lock = LockOf(cache.Workshop("source"), telling);
  Building building;
  if (PreparePackage(cache, source, options.name, building, telling)) {
    return cache.Find(building.kernel.name);
  }
  Kernel kernel = Build(cache, building, options.jobs, telling);
  const fs::path unpacked = building.build.parent_path();
  if (keep) {
    telling.Line("kept " + unpacked.string());
  } else {
    fs::remove_all(unpacked);
  }
  return kernel;
}

}  // namespace finwait::kernel
