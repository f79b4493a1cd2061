// Namespaces and the short-lived threads that enter them.
#include "netns/namespace.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "base/error.h"

namespace finwait::netns {
namespace {

// The inode of the namespace that Enter or Create brought this thread to; 0
// on every other thread. It cannot be reused meanwhile: the caller of Enter
// holds the namespace open.
thread_local ino_t entered = 0;

// Runs f on a thread of its own and waits; what f throws is thrown here. It is
// not ahead of others even where the caller is (base/priority.h): a write to
// some sysctls begins anew, without a pause, as long as another holds the RTNL
// (Linux: net/ipv6/addrconf.c, restart_syscall()), who would never get to run.
void OnOwnThread(const std::function<void()>& f) {
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      f();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

Namespace::Namespace(FileDescriptor fd) : fd_(std::move(fd)) {
  struct stat status {};
  if (fstat(fd_.get(), &status) != 0) ThrowErrno("reading a namespace's inode");
  inode_ = status.st_ino;
}

Namespace Namespace::Duplicate() const {
  FileDescriptor fd(fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
  if (!fd.valid()) ThrowErrno("duplicating a namespace's descriptor");
  return Namespace(std::move(fd));
}

Namespace Namespace::Current() {
  FileDescriptor fd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) ThrowErrno("opening /proc/thread-self/ns/net");
  return Namespace(std::move(fd));
}

Namespace Namespace::Open(const std::string& path) {
  const std::string doing = "opening the network namespace " + path;
  FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) ThrowErrno(doing);
  const int type = ioctl(fd.get(), NS_GET_NSTYPE);
  if (type != CLONE_NEWNET) throw Error(doing, "it is no network namespace");
  return Namespace(std::move(fd));
}

Namespace Namespace::Create(
    const std::function<void(const Namespace&)>& prepare) {
  std::optional<Namespace> made;
  OnOwnThread([&] {
    if (unshare(CLONE_NEWNET) != 0) ThrowErrno("making a network namespace");
    made.emplace(Current());
    entered = made->inode();
    if (prepare) prepare(*made);
  });
  return std::move(*made);
}

void Namespace::Enter(const std::function<void()>& f) const {
  if (entered == inode_) {
    f();
    return;
  }
  OnOwnThread([&] {
    const int error = EnterAfterFork(fd_.get());
    // setns(2) asks for CAP_SYS_ADMIN even where nothing would change.
    if (error != 0 && Current().inode() != inode_) {
      ThrowErrno("entering a network namespace", error);
    }
    entered = inode_;
    f();
  });
}

std::uint64_t Namespace::Cookie() const {
  constexpr int kSoNetnsCookie = 71;  // SO_NETNS_COOKIE, where headers are old
  return In([] {
    const FileDescriptor any(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    std::uint64_t cookie = 0;
    socklen_t length = sizeof cookie;
    const int got =
        getsockopt(any.get(), SOL_SOCKET, kSoNetnsCookie, &cookie, &length);
    return got == 0 ? cookie : 0;
  });
}

int EnterAfterFork(int namespace_fd) {
  return syscall(SYS_setns, namespace_fd, CLONE_NEWNET) == 0 ? 0 : errno;
}

}  // namespace finwait::netns
