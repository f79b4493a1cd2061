// Readings of the kernel's clocks.
#include "base/clock.h"

#include <time.h>

#include <cstdint>
#include <cstdlib>

#include "base/error.h"

namespace finwait {
namespace {

Duration FromTimespec(const timespec& t) {
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

Duration Read(clockid_t clock) {
  timespec t{};
  if (clock_gettime(clock, &t) != 0) ThrowErrno("clock_gettime");
  return FromTimespec(t);
}

}  // namespace

MonotonicClock::time_point MonotonicClock::now() {
  return time_point(Read(CLOCK_MONOTONIC));
}

// The wall clock is read between two readings of the monotonic one. They take
// well under a microsecond together unless we are interrupted or preempted
// between them: then they are taken again, and the closest pair counts.
Duration RealtimeOffset() {
  constexpr Duration kUndisturbed = std::chrono::microseconds(1);
  constexpr int kAttempts = 10;
  Duration closest = Duration::max();
  Duration offset{};
  for (int n = 0; n < kAttempts && closest > kUndisturbed; ++n) {
    const Duration before = Read(CLOCK_MONOTONIC);
    const Duration wall = Read(CLOCK_REALTIME);
    const Duration took = Read(CLOCK_MONOTONIC) - before;
    if (took >= closest) continue;
    closest = took;
    offset = wall - before - took / 2;
  }
  return offset;
}

TimePoint FromRealtime(Duration since_epoch) {
  return TimePoint(since_epoch - RealtimeOffset());
}

int KernelHz() {
  timespec t{};
  if (clock_getres(CLOCK_MONOTONIC_COARSE, &t) != 0) ThrowErrno("clock_getres");
  // One jiffy is rounded to whole nanoseconds (3333333 ns at 300 Hz), so the
  // quotient is rounded too.
  std::int64_t jiffy = FromTimespec(t).count();
  return static_cast<int>((1'000'000'000 + jiffy / 2) / jiffy);
}

bool TimeIsVirtual() {
  static const bool is_virtual = std::getenv("FINWAIT_VIRTUAL_TIME") != nullptr;
  return is_virtual;
}

}  // namespace finwait
