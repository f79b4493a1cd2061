// The kernel's own count of time, which its timers go by.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace finwait::observe {

// Converts between CLOCK_MONOTONIC and jiffies. The tick comes at fixed times
// of that clock, so one reading serves for good. Plain value semantics.
class JiffyClock {
 public:
  // `jiffies` began at `tick`; each takes `jiffy`.
  JiffyClock(std::uint64_t jiffies, TimePoint tick, Duration jiffy)
      : jiffies_(jiffies), tick_(tick), jiffy_(jiffy) {}

  // From the text of /proc/timer_list. Nothing if it does not tell exactly: the
  // tick is not a high resolution timer, or one came while it was printed.
  // (Linux: kernel/time/timer_list.c; kernel/time/tick-sched.c
  // tick_nohz_handler(), tick_sched_timer() before 6.9.)
  static std::optional<JiffyClock> In(std::string_view timer_list,
                                      Duration jiffy);

  // This kernel's. Nothing if it does not tell: only root may read it.
  static std::optional<JiffyClock> Read();

  // The jiffies at that time, and the tick that begins a jiffy.
  std::uint64_t At(TimePoint time) const;
  TimePoint TickOf(std::uint64_t jiffies) const;
  Duration jiffy() const { return jiffy_; }

 private:
  std::uint64_t jiffies_;
  TimePoint tick_;
  Duration jiffy_;
};

}  // namespace finwait::observe
