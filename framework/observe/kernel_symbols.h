// Where the running kernel keeps the functions of TCP's timers.
#pragma once

#include <cstdint>

namespace finwait::observe {

// Addresses; 0 where /proc/kallsyms does not tell (kernel.kptr_restrict, no
// CAP_SYSLOG).
struct TimerHandlers {
  std::uint64_t timewait = 0;  // tw_timer_handler()
  std::uint64_t request = 0;   // reqsk_timer_handler()
};

// Reads 120,000 lines (50 ms) when first called, and never again. Any thread.
const TimerHandlers& KernelTimerHandlers();

}  // namespace finwait::observe
