// One network namespace, owned by a descriptor and without a name.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

#include "base/file_descriptor.h"

namespace finwait::netns {

// Owns a network namespace by file descriptor: there is nothing in /run/netns,
// so when the last holder dies, however it dies, the kernel takes the
// namespace with all its links and sockets. Move-only. The descriptor may be
// used from any thread.
class Namespace {
 public:
  // Makes a new one. Throws Error without CAP_SYS_ADMIN in the current user
  // namespace (see user_namespace.h).
  static Namespace Create() { return Create(nullptr); }

  // Makes a new one and runs `prepare` in it before it is returned, on the
  // thread that made it: opening the namespace's sockets and writing its
  // sysctls there saves a thread, about 40 us. The argument lives only as
  // long as the call. An exception comes back and the namespace goes.
  static Namespace Create(const std::function<void(const Namespace&)>& prepare);

  // The one the calling thread is in.
  static Namespace Current();

  // That of a file such as /proc/PID/ns/net or /run/netns/NAME. Throws Error
  // if there is none, or if it is no network namespace.
  static Namespace Open(const std::string& path);

  // The same namespace, held by a descriptor of its own.
  Namespace Duplicate() const;

  int fd() const { return fd_.get(); }
  ino_t inode() const { return inode_; }  // as in /proc/PID/ns/net

  // What SO_NETNS_COOKIE and bpf_get_netns_cookie() call it: a number that is
  // never used again. 0 before Linux 5.14.
  std::uint64_t Cookie() const;

  // Runs f in this namespace on a thread of its own that ends afterwards; an
  // exception from f comes back to the caller. The calling thread never
  // changes namespace. (network_namespaces(7): setns is per thread.)
  //
  // Called from within Enter or Create of the same namespace it runs f at
  // once, so that what is built from entries can share one. The process's own
  // namespace needs no privilege to be entered.
  void Enter(const std::function<void()>& f) const;

  // The same with a result.
  template <typename F>
  auto In(F&& f) const {
    decltype(f()) result{};
    Enter([&] { result = f(); });
    return result;
  }

 private:
  explicit Namespace(FileDescriptor fd);
  FileDescriptor fd_;
  ino_t inode_ = 0;
};

// setns(2) for the child between fork and exec. Raw system call, returns
// errno or 0.
int EnterAfterFork(int namespace_fd);

}  // namespace finwait::netns
