// Raw system calls for the time after fork; see the header.
#include "process/after_fork.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace finwait::process {
namespace {

// The default of fs.nr_open. Some containers allow a thousand times as many, at
// which programs that close every possible descriptor seem to hang.
constexpr rlim_t kMostFiles = 1 << 20;

// Both ends inclusive, as in close_range(2).
void CloseRange(int first, int last) {
  if (first <= last) {
    close_range(static_cast<unsigned>(first), static_cast<unsigned>(last), 0);
  }
}

}  // namespace

void ResetSignals() {
  for (int number = 1; number < NSIG; ++number) {
    signal(number, SIG_DFL);  // SIGKILL, SIGSTOP and glibc's own refuse: fine
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur =
        std::max(limit.rlim_cur, std::min(limit.rlim_max, kMostFiles));
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

void CloseFrom(int first, int kept, int also_kept) {
  const int low = also_kept < 0 ? kept : std::min(kept, also_kept);
  const int high = std::max(kept, also_kept);
  CloseRange(first, low - 1);
  CloseRange(std::max(first, low + 1), high - 1);
  close_range(static_cast<unsigned>(std::max(first, high + 1)), ~0U, 0);
}

}  // namespace finwait::process
