// Who gets a processor first.
#pragma once

#include <sched.h>

namespace finwait {

// Lets the calling thread go ahead of everybody (SCHED_FIFO; the kernel limits
// that to 95 % of a processor by default) or, where that is refused, of whoever
// is as nice (-20): who has to wait for a processor acts late and sees late.
// Changes nothing without the privilege. What the thread starts from then on
// waits its turn. Raw system calls: may be called after fork.
void GoAhead();

// The same, but only where time is real. In virtual time nobody has to wait.
void GoAheadInRealTime();

// GoAheadInRealTime() for as long as it lives, on the thread that made it.
class Ahead {
 public:
  Ahead();
  ~Ahead();
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;

 private:
  const int policy_;  // before
  sched_param parameter_{};
  const int nice_;
};

}  // namespace finwait
