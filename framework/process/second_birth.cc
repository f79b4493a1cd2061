// CLONE_PARENT and SCM_CREDENTIALS; see the header.
#include "process/second_birth.h"

#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace finwait::process {
namespace {

// Who sent the one message; 0 if there is none. Never blocks.
pid_t Sender(int socket) {
  char byte = 0;
  iovec payload{&byte, sizeof byte};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
  msghdr message{.msg_iov = &payload,
                 .msg_iovlen = 1,
                 .msg_control = control,
                 .msg_controllen = sizeof control};
  if (recvmsg(socket, &message, MSG_DONTWAIT) <= 0) return 0;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr) return 0;
  ucred sender{};
  std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
  return sender.pid;
}

}  // namespace

SecondBirth::SecondBirth(const Cgroup* cgroup) : cgroup_(cgroup) {
  if (cgroup_ == nullptr) return;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    ThrowErrno("starting in a control group: socketpair");
  }
  ours_ = FileDescriptor(ends[0]);
  childs_ = FileDescriptor(ends[1]);
  const int on = 1;
  setsockopt(ours_.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
}

int SecondBirth::AfterFork() const {
  if (cgroup_ == nullptr) return 0;
  const pid_t again = cgroup_->Clone(CLONE_PARENT);
  if (again < 0) return cgroup_->EnterAfterFork();
  if (again > 0) _exit(EXIT_SUCCESS);
  return send(childs_.get(), "", 1, MSG_NOSIGNAL) == 1 ? 0 : errno;
}

pid_t SecondBirth::Survivor(pid_t first) const {
  const pid_t second = cgroup_ == nullptr ? 0 : Sender(ours_.get());
  if (second == 0) return first;
  while (waitpid(first, nullptr, 0) < 0 && errno == EINTR) {
  }
  return second;
}

}  // namespace finwait::process
