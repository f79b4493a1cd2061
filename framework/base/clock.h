// The one clock finwait judges by: CLOCK_MONOTONIC, in which kernel timers,
// BPF stamps and our own readings are comparable. Packet captures stamp with
// CLOCK_REALTIME; RealtimeOffset and FromRealtime are the only conversions.
#pragma once

#include <chrono>

#include "base/units.h"

namespace finwait {

// CLOCK_MONOTONIC as a std::chrono clock, nanoseconds. Any thread.
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
  static time_point now();
};

using TimePoint = MonotonicClock::time_point;

// CLOCK_REALTIME minus CLOCK_MONOTONIC as of now.
Duration RealtimeOffset();

// Converts a CLOCK_REALTIME reading (time since 1970) with the offset between
// the clocks as it is now. A step of the wall clock between the reading and
// this call goes into the result, so convert early.
TimePoint FromRealtime(Duration since_epoch);

// The kernel's timer frequency, from clock_getres(CLOCK_MONOTONIC_COARSE),
// whose resolution is one jiffy. 100, 250, 300 or 1000 in practice.
int KernelHz();

// Does this kernel's clock move only while everything waits? So says whoever
// started it, in the environment: FINWAIT_VIRTUAL_TIME.
bool TimeIsVirtual();

}  // namespace finwait
