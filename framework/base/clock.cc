// Readings of the kernel's clocks.
#include "base/clock.h"

#include <time.h>

#include <cstdint>

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

Duration RealtimeOffset() {
  // The three readings take well under a microsecond together unless we are
  // preempted between them; taking the wall clock in the middle halves that.
  Duration before = Read(CLOCK_MONOTONIC);
  Duration wall = Read(CLOCK_REALTIME);
  Duration after = Read(CLOCK_MONOTONIC);
  return wall - before - (after - before) / 2;
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

}  // namespace finwait
