// When an alarm goes off, and when it does not.
#include "base/alarm.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>

namespace finwait {
namespace {

using namespace std::chrono_literals;

bool IsReadable(const Alarm& alarm, int timeout_ms) {
  pollfd waiting{.fd = alarm.fd(), .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, timeout_ms) == 1;
}

TEST(Alarm, GoesOffWhenItWasSetFor) {
  Alarm alarm;
  const TimePoint when = MonotonicClock::now() + 20ms;
  alarm.Set(when);
  ASSERT_TRUE(IsReadable(alarm, -1));
  EXPECT_GE(MonotonicClock::now(), when);
}

TEST(Alarm, GoesOffAtOnceForWhatIsPast) {
  Alarm alarm;
  alarm.Set(TimePoint());
  EXPECT_TRUE(IsReadable(alarm, -1));
  alarm.Clear();
  EXPECT_FALSE(IsReadable(alarm, 0));
}

TEST(Alarm, IsSetAnewOrNotAtAll) {
  Alarm alarm;
  EXPECT_FALSE(IsReadable(alarm, 0));
  alarm.Set(TimePoint());
  alarm.Set(TimePoint::max());
  EXPECT_FALSE(IsReadable(alarm, 0));
  alarm.Set(TimePoint());
  alarm.Set(std::nullopt);
  EXPECT_FALSE(IsReadable(alarm, 0));
}

}  // namespace
}  // namespace finwait
