// A descriptor that becomes readable at a moment.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/file_descriptor.h"

namespace finwait {

// A timerfd on CLOCK_MONOTONIC, as exact as the kernel's high resolution
// timers. The timeouts of poll(2) and its kind are not: for who is not
// SCHED_FIFO they may be late by a thousandth of what was asked for, up to 100
// ms (Linux: fs/select.c select_estimate_accuracy()). One thread at a time.
class Alarm {
 public:
  Alarm();  // throws Error

  int fd() const { return timer_.get(); }
  // In place of what was set before; nothing: never. What is past is at once.
  void Set(std::optional<TimePoint> when);
  // Not readable any more, if it was.
  void Clear();

 private:
  FileDescriptor timer_;
};

}  // namespace finwait
