// Becoming root in a user namespace, and why it is forbidden where it is.
#include "netns/user_namespace.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace finwait::netns {
namespace {

// One write(2): the kernel takes a map only whole. Returns errno or 0.
int WriteWhole(const char* path, const std::string& text) {
  FileDescriptor file(open(path, O_WRONLY | O_CLOEXEC));
  if (!file.valid()) return errno;
  return write(file.get(), text.data(), text.size()) < 0 ? errno : 0;
}

// True if the setting exists and has this value.
bool Reads(const char* path, int value) {
  std::ifstream file(path);
  int found = 0;
  return (file >> found) && found == value;
}

// The exact thing to change, so that unshare(CLONE_NEWUSER) or a write of the
// maps that failed with `error` will work next time.
std::string Remedy(int error) {
  if (Reads("/proc/sys/kernel/unprivileged_userns_clone", 0)) {
    return "sysctl -w kernel.unprivileged_userns_clone=1, or running as root";
  }
  if (Reads("/proc/sys/user/max_user_namespaces", 0)) {
    return "sysctl -w user.max_user_namespaces=10000, or running as root";
  }
  if (Reads("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1)) {
    return "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an "
           "AppArmor profile for this program, or running as root";
  }
  if (error == ENOSPC || error == EUSERS) {
    return "a larger user.max_user_namespaces, or less nesting";
  }
  if (error == EINVAL || error == ENOSYS) {
    return "a kernel with CONFIG_USER_NS";
  }
  return "a container that permits unshare (docker run --security-opt "
         "seccomp=unconfined, or --privileged), or running as root";
}

[[noreturn]] void ThrowRefused(const std::string& step, int error) {
  throw Unsupported("user namespaces without privilege (" + step + ": " +
                        std::generic_category().message(error) + ")",
                    Remedy(error));
}

int ThreadCount() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  }
  return 1;
}

}  // namespace

bool HasPrivilege() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  constexpr unsigned kNeeded = (1U << CAP_SYS_ADMIN) | (1U << CAP_NET_ADMIN);
  return (data[0].effective & kNeeded) == kNeeded;
}

void BecomeRootInUserNamespace() {
  if (ThreadCount() != 1) {
    throw Error("entering a user namespace",
                "the process already has more than one thread", EINVAL);
  }
  std::string uid = std::to_string(geteuid());
  std::string gid = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER) != 0) ThrowRefused("unshare", errno);
  // Without privilege a gid map needs setgroups(2) given up before
  // (user_namespaces(7)).
  if (int error = WriteWhole("/proc/self/setgroups", "deny")) {
    ThrowRefused("/proc/self/setgroups", error);
  }
  if (int error = WriteWhole("/proc/self/uid_map", "0 " + uid + " 1")) {
    ThrowRefused("/proc/self/uid_map", error);
  }
  if (int error = WriteWhole("/proc/self/gid_map", "0 " + gid + " 1")) {
    ThrowRefused("/proc/self/gid_map", error);
  }
}

void EnsurePrivilege() {
  if (!HasPrivilege()) BecomeRootInUserNamespace();
}

}  // namespace finwait::netns
