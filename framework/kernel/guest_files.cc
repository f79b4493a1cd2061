#include "kernel/guest_files.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;

void Mount(const std::string& type, const std::string& where,
           const std::string& options = "") {
  if (mount(type.c_str(), where.c_str(), type.c_str(), 0, options.c_str()) !=
      0) {
    ThrowErrno("mounting " + type + " on " + where);
  }
}

// For what a kernel may have been built without.
void MountIfKnown(const std::string& type, const std::string& where) {
  std::error_code error;
  fs::create_directories(where, error);
  mount(type.c_str(), where.c_str(), type.c_str(), 0, nullptr);
}

bool RootMayBeWrittenTo() {
  return access("/", W_OK) == 0;  // EROFS otherwise: we are root
}

// Puts memory over the root that there is, and makes that the root.
void CoverRoot() {
  Mount("tmpfs", "/tmp");
  for (const char* folder : {"/tmp/changes", "/tmp/work", "/tmp/root"}) {
    fs::create_directory(folder);
  }
  Mount("overlay", "/tmp/root",
        "lowerdir=/,upperdir=/tmp/changes,workdir=/tmp/work");
  if (chdir("/tmp/root") != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
      umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) {
    ThrowErrno("changing to a root in memory");
  }
}

// Standard input, output and error were opened before /dev was there, or in
// the root that has gone.
void ReopenConsole() {
  const FileDescriptor console(open("/dev/console", O_RDWR | O_CLOEXEC));
  if (!console.valid()) return;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    dup2(console.get(), fd);
  }
}

void LoadModule(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() || syscall(SYS_finit_module, file.get(), "", 0) != 0) {
    if (file.valid() && errno == EEXIST) return;
    ThrowErrno("loading " + path);
  }
}

}  // namespace

void PrepareFiles() {
  if (!RootMayBeWrittenTo()) CoverRoot();
  Mount("proc", "/proc");
  Mount("sysfs", "/sys");
  MountIfKnown("devtmpfs", "/dev");
  ReopenConsole();
  MountIfKnown("devpts", "/dev/pts");
  Mount("tmpfs", "/run");
  MountIfKnown("cgroup2", "/sys/fs/cgroup");
  std::ifstream modules("/finwait/modules");
  for (std::string path; std::getline(modules, path);) LoadModule(path);
}

}  // namespace finwait::kernel
