#include "base/priority.h"

#include <sys/resource.h>

#include "base/clock.h"

namespace finwait {
namespace {

// Of the calling thread: on Linux, 0 means no more than that.
constexpr int kThisThread = 0;

}  // namespace

void GoAhead() {
  const sched_param lowest{.sched_priority = 1};
  const int ahead = SCHED_FIFO | SCHED_RESET_ON_FORK;
  if (sched_setscheduler(kThisThread, ahead, &lowest) == 0) return;
  if (setpriority(PRIO_PROCESS, kThisThread, -20) != 0) return;
  const sched_param none{};
  sched_setscheduler(kThisThread, SCHED_OTHER | SCHED_RESET_ON_FORK, &none);
}

void GoAheadInRealTime() {
  if (!TimeIsVirtual()) GoAhead();
}

Ahead::Ahead()
    : policy_(sched_getscheduler(kThisThread)),
      nice_(getpriority(PRIO_PROCESS, kThisThread)) {
  sched_getparam(kThisThread, &parameter_);
  GoAheadInRealTime();
}

Ahead::~Ahead() {
  sched_setscheduler(kThisThread, policy_, &parameter_);
  setpriority(PRIO_PROCESS, kThisThread, nice_);
}

}  // namespace finwait
