// Signals and waitid(2) for one child; see the header.
#include "process/child.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/error.h"

namespace finwait::process {
namespace {

Ended FromStatus(const siginfo_t& status) {
  Ended ended{.at = MonotonicClock::now()};
  if (status.si_code == CLD_EXITED) {
    ended.exit_code = status.si_status;
  } else {
    ended.term_signal = status.si_status;
  }
  return ended;
}

}  // namespace

// pidfd_open(2) by number: glibc 2.36 is the first with a wrapper.
Child::Child(pid_t pid)
    : pid_(pid), pidfd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {
  if (!pidfd_.valid()) {
    const int error = errno;
    End();
    ThrowErrno("pidfd_open of process " + std::to_string(pid), error);
  }
}

void Child::Look(int options) {
  siginfo_t status{};
  int result = 0;
  do {
    result = waitid(P_PID, static_cast<id_t>(pid_), &status, WEXITED | options);
  } while (result != 0 && errno == EINTR);
  if (ended_) return;
  if (result != 0) {
    ended_ = Ended{.at = MonotonicClock::now()};
  } else if (status.si_pid == pid_) {
    ended_ = FromStatus(status);
  }
}

void Child::Signal(int signal) {
  const std::lock_guard lock(mutex_);
  if (!ended_) Look(WNOHANG | WNOWAIT);
  if (!ended_) kill(-pid_, signal);
}

std::optional<Ended> Child::Poll() {
  const std::lock_guard lock(mutex_);
  if (!ended_) Look(WNOHANG | WNOWAIT);
  return ended_;
}

void Child::End() {
  const std::lock_guard lock(mutex_);
  if (reaped_) return;
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);  // it may not have made its group yet
  Look(0);
  reaped_ = true;
}

}  // namespace finwait::process
