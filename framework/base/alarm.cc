#include "base/alarm.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "base/error.h"

namespace finwait {

Alarm::Alarm()
    : timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (!timer_.valid()) ThrowErrno("making a timerfd");
}

void Alarm::Set(std::optional<TimePoint> when) {
  itimerspec spec{};
  if (when) {
    // 0 would disarm the timer; what is due already fires at once.
    const auto ns = std::max<std::int64_t>(when->time_since_epoch().count(), 1);
    spec.it_value.tv_sec = ns / 1'000'000'000;
    spec.it_value.tv_nsec = ns % 1'000'000'000;
  }
  timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

void Alarm::Clear() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(timer_.get(), &count, sizeof count);
}

}  // namespace finwait
