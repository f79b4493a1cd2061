// Making, entering and removing a cgroup; see the header.
#include "process/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <regex>
#include <utility>
#include <vector>

#include "base/error.h"
#include "process/cgroup_place.h"

namespace finwait::process {
namespace {

// How long, in milliseconds, killed processes may take to be gone.
constexpr int kPatience = 10'000;

// Of the runs of one process. Runs of several have their pids in the name;
// in several pid namespaces they may be the same, which mkdir notices.
std::atomic<unsigned> made = 0;

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

FileDescriptor OpenDirectory(int parent, const char* name) {
  return FileDescriptor(
      openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
}

FileDescriptor OpenCgroup(const std::string& path) {
  FileDescriptor fd = OpenDirectory(AT_FDCWD, path.c_str());
  if (!fd.valid()) ThrowErrno("opening " + path);
  struct statfs system {};
  if (fstatfs(fd.get(), &system) != 0 ||
      system.f_type != CGROUP2_SUPER_MAGIC) {  // something is mounted over it
    throw Error("opening " + path, "not a control group");
  }
  return fd;
}

bool Lock(const FileDescriptor& directory) {
  return directory.valid() && flock(directory.get(), LOCK_EX | LOCK_NB) == 0;
}

// Waits until no process is in it (the kernel's notification is for POLLPRI).
// Raw system calls only.
bool WaitUntilEmpty(int parent, const char* name) {
  const FileDescriptor directory(openat(parent, name, O_PATH | O_CLOEXEC));
  const FileDescriptor events(
      openat(directory.get(), "cgroup.events", O_RDONLY | O_CLOEXEC));
  pollfd change{.fd = events.get(), .events = POLLPRI};
  while (true) {
    char text[128] = {};
    if (pread(events.get(), text, sizeof text - 1, 0) <= 0) return false;
    if (std::strstr(text, "populated 0") != nullptr) return true;
    if (poll(&change, 1, kPatience) == 0) return false;
  }
}

// Raw system calls only. A killed process is in it for a moment longer.
void Remove(int parent, const char* name) {
  if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno != EBUSY) return;
  if (WaitUntilEmpty(parent, name)) unlinkat(parent, name, AT_REMOVEDIR);
}

std::vector<std::string> NamesIn(int parent) {
  std::vector<std::string> names;
  FileDescriptor copy = OpenDirectory(parent, ".");
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fdopendir(copy.get()),
                                                    closedir);
  if (!entries) return names;
  [[maybe_unused]] const int owned = copy.release();
  while (const dirent* entry = readdir(entries.get())) {
    names.emplace_back(entry->d_name);
  }
  return names;
}

// What runs left that could not clean up. Only an empty one can be removed.
void Sweep(int parent) {
  static const std::regex ours("finwait-[0-9]+-[0-9]+");
  for (const std::string& name : NamesIn(parent)) {
    if (!std::regex_match(name, ours)) continue;
    const FileDescriptor directory = OpenDirectory(parent, name.c_str());
    if (Lock(directory)) unlinkat(parent, name.c_str(), AT_REMOVEDIR);
  }
}

// Our own cgroup wherever it can be seen, then the topmost ones.
std::vector<std::string> PossibleParents(
    const std::vector<CgroupMount>& mounts) {
  const std::string own = OwnCgroup(ReadFile("/proc/self/cgroup"));
  std::vector<std::string> parents;
  for (const CgroupMount& mount : mounts) {
    if (auto directory = DirectoryOf(own, mount)) {
      parents.push_back(*std::move(directory));
    }
  }
  for (const CgroupMount& mount : mounts) parents.push_back(mount.directory);
  return parents;
}

std::vector<CgroupMount> WritableMounts() {
  auto mounts = CgroupMounts(ReadFile("/proc/self/mountinfo"));
  if (mounts.empty()) {
    throw Unsupported("control group of the run: version 2 is not mounted",
                      "mount -t cgroup2 none /sys/fs/cgroup/unified (version 2 "
                      "may be beside version 1)");
  }
  std::erase_if(mounts,
                [](const CgroupMount& mount) { return mount.read_only; });
  if (mounts.empty()) {
    throw Unsupported("control group of the run: /sys/fs/cgroup is read-only",
                      "a writable one (in a container: docker run "
                      "--privileged), or running outside of the container");
  }
  return mounts;
}

}  // namespace

Cgroup Cgroup::Create() {
  std::string refusal;
  for (const std::string& parent : PossibleParents(WritableMounts())) {
    try {
      return MakeIn(parent);
    } catch (const Error& error) {  // the first is about our own
      if (refusal.empty()) refusal = error.what();
    }
  }
  throw Unsupported("control group of the run (" + refusal + ")",
                    "root, or a control group that belongs to this user "
                    "(systemd-run --user --scope -p Delegate=yes)");
}

Cgroup Cgroup::MakeIn(const std::string& parent_path) {
  const std::string prefix = "finwait-" + std::to_string(getpid()) + "-";
  Cgroup cgroup;
  cgroup.parent_ = OpenCgroup(parent_path);
  Sweep(cgroup.parent_.get());
  do {
    cgroup.name_ = prefix + std::to_string(++made);
    cgroup.path_ = parent_path + "/" + cgroup.name_;
  } while (!cgroup.Make());
  cgroup.Try();
  return cgroup;
}

// Another pid namespace may have taken the name, and another's sweep may come
// between mkdir and the lock.
bool Cgroup::Make() {
  if (mkdirat(parent_.get(), name_.c_str(), 0755) != 0) {
    if (errno == EEXIST) return false;
    ThrowErrno("making " + path_);
  }
  FileDescriptor directory = OpenDirectory(parent_.get(), name_.c_str());
  if (Lock(directory)) {
    processes_ = FileDescriptor(
        openat(directory.get(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
  }
  const int error = errno;
  if (!processes_.valid()) {
    unlinkat(parent_.get(), name_.c_str(), AT_REMOVEDIR);
    if (error == EWOULDBLOCK || error == ENOENT || error == ENODEV) {
      return false;  // swept
    }
    ThrowErrno("opening " + path_, error);
  }
  directory_ = std::move(directory);
  return true;
}

Cgroup::~Cgroup() {
  if (directory_.valid()) Remove(parent_.get(), name_.c_str());
}

// Whether a process may be in it depends on more than a right: on a parent
// that is threaded, or has processes and controllers, or is beyond a border
// of delegation.
void Cgroup::Try() const {
  int refusal = 0;
  const pid_t pid = Fork(&refusal);
  if (pid == 0) _exit(refusal);
  if (pid < 0) ThrowErrno("starting a process in " + path_);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) {
    ThrowErrno("starting a process in " + path_, WEXITSTATUS(status));
  }
}

pid_t Cgroup::Fork(int* refusal) const {
  *refusal = 0;
  pid_t pid = Clone(0);
  if (pid >= 0) return pid;
  pid = fork();
  if (pid == 0) *refusal = EnterAfterFork();
  return pid;
}

// With CLONE_PARENT the signal is that of the calling process.
pid_t Cgroup::Clone(std::uint64_t flags) const {
  clone_args arguments{};
  arguments.flags = flags | CLONE_INTO_CGROUP;
  arguments.exit_signal = (flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD;
  arguments.cgroup = static_cast<std::uint64_t>(directory_.get());
  return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
}

int Cgroup::EnterAfterFork() const {
  return write(processes_.get(), "0", 1) == 1 ? 0 : errno;
}

void Cgroup::RemoveAfterFork(const char* name) { Remove(AT_FDCWD, name); }

}  // namespace finwait::process
