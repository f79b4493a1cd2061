// The init of a sandbox. Raw system calls only: it is a fork of a process with
// threads that never executes anything.
#include "process/init_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/priority.h"
#include "process/after_fork.h"
#include "process/socket_destruction.h"

namespace finwait::process {
namespace {

// The lifeline is descriptor 0, so that the kernel, which gives the lowest
// free number, numbers the namespaces 1, 2, 3, ...
constexpr int kLifeline = 0;

// The current directory holds the cgroup's parent, so that no number is taken.
void Settle(int lifeline, const Cgroup* cgroup) {
  prctl(PR_SET_NAME, "finwait-init");
  setsid();
  ResetSignals();
  signal(SIGCHLD, SIG_IGN);  // orphans of the run are reaped by the kernel
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  if (cgroup != nullptr && fchdir(cgroup->parent_fd()) != 0) _exit(1);
  dup2(lifeline, kLifeline);
  CloseFrom(kLifeline + 1, kLifeline);
  RaiseFileLimit();
}

// The next namespace's descriptor; -1 at the end of the lifeline. `error`
// tells why a message brought no descriptor.
int ReceiveNamespace(int* error) {
  char byte = 0;
  iovec payload{&byte, sizeof byte};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message{.msg_iov = &payload,
                 .msg_iovlen = 1,
                 .msg_control = control,
                 .msg_controllen = sizeof control};
  ssize_t length = 0;
  do {
    length = recvmsg(kLifeline, &message, MSG_CMSG_CLOEXEC);
  } while (length < 0 && errno == EINTR);
  if (length <= 0) return -1;
  const cmsghdr* rights = CMSG_FIRSTHDR(&message);
  *error = rights != nullptr ? 0 : EMFILE;  // out of numbers: MSG_CTRUNC
  int fd = 0;
  if (rights != nullptr) std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
  return fd;
}

// The number of the last namespace when the lifeline ends.
int CollectNamespaces() {
  int last = kLifeline;
  int error = 0;
  for (int fd = 0; (fd = ReceiveNamespace(&error)) >= 0;) {
    if (error == 0) last = fd;
    send(kLifeline, &error, sizeof error, MSG_NOSIGNAL);
  }
  return last;
}

}  // namespace

void RunInit(int lifeline, const Cgroup* cgroup) {
  Settle(lifeline, cgroup);
  GoAheadInRealTime();
  const int last = CollectNamespaces();
  kill(-1, SIGKILL);  // everybody in this pid namespace but ourselves
  while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
  }
  for (int fd = kLifeline + 1; fd <= last; ++fd) DestroyTcpSockets(fd);
  if (cgroup != nullptr) Cgroup::RemoveAfterFork(cgroup->name());
  _exit(0);
}

}  // namespace finwait::process
