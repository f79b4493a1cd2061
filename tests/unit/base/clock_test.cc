// The clock: it goes forward, converts, and knows its jiffy.
#include "base/clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace finwait {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

TEST(Clock, NeverGoesBack) {
  TimePoint before = MonotonicClock::now();
  TimePoint after = MonotonicClock::now();
  EXPECT_LE(before, after);
}

TEST(Clock, ConvertsTheWallClock) {
  TimePoint before = MonotonicClock::now();
  Duration wall = std::chrono::system_clock::now().time_since_epoch();
  TimePoint after = MonotonicClock::now();
  // A slewed wall clock and a preempted conversion move it a little.
  Duration slack = MonotonicClock::now() - before + std::chrono::seconds(1);
  EXPECT_THAT(FromRealtime(wall), AllOf(Ge(before - slack), Le(after + slack)));
}

TEST(Clock, KnowsAKernelFrequency) {
  EXPECT_THAT(KernelHz(), AllOf(Ge(24), Le(1200)));
}

}  // namespace
}  // namespace finwait
