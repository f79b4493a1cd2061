// What /proc/timer_list tells of the tick.
#include "observe/jiffy_clock.h"

#include <gtest/gtest.h>

#include <string>

namespace finwait::observe {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kJiffy = milliseconds(10);

TimePoint At(Duration since_start) { return TimePoint(since_start); }

// As Linux 7.3 prints it, shortened.
std::string List(const std::string& begin, const std::string& end,
                 const std::string& handler = "tick_nohz_handler") {
  return "Timer List Version: v0.11\n"
         "HRTIMER_MAX_CLOCK_BASES: 8\n"
         "now at " +
         begin +
         " nsecs\n\ncpu: 0\n clock 0:\nactive timers:\n"
         " #0: <0000000031c8b1a4>, dl_task_timer, S:01\n"
         " # expires at 1953120384-1953120384 nsecs [in 9 to 9 nsecs]\n"
         " #1: <00000000298bb77b>, " +
         handler +
         ", S:01\n"
         " # expires at 1010000000-1010000000 nsecs [in 6872192 to 6872192 "
         "nsecs]\n"
         "  .hres_active    : 1\n"
         "  .last_jiffies   : 4294937308\n"
         "jiffies: 4294937396\n\n"
         "now at " +
         end + " nsecs\n";
}

TEST(JiffyClockTest, KnowsWhenAJiffyBegan) {
  const auto clock = JiffyClock::In(List("1003127808", "1003135232"), kJiffy);
  ASSERT_TRUE(clock);
  EXPECT_EQ(clock->TickOf(4294937396), At(seconds(1)));
  EXPECT_EQ(clock->At(At(milliseconds(1003))), 4294937396U);
}

TEST(JiffyClockTest, CountsOnAndBack) {
  const auto clock = JiffyClock::In(List("1003127808", "1003135232"), kJiffy);
  ASSERT_TRUE(clock);
  EXPECT_EQ(clock->At(At(seconds(2))), 4294937496U);
  EXPECT_EQ(clock->At(At(seconds(2) - microseconds(1))), 4294937495U);
  EXPECT_EQ(clock->At(At(milliseconds(999))), 4294937395U);
  EXPECT_EQ(clock->TickOf(4294937395), At(milliseconds(990)));
  EXPECT_EQ(clock->TickOf(4294937496), At(seconds(2)));
}

TEST(JiffyClockTest, KnowsTheTickOfOlderKernels) {
  const auto clock = JiffyClock::In(
      List("1003127808", "1003135232", "tick_sched_timer"), kJiffy);
  ASSERT_TRUE(clock);
  EXPECT_EQ(clock->TickOf(4294937396), At(seconds(1)));
}

TEST(JiffyClockTest, IsNotSureIfATickCameMeanwhile) {
  EXPECT_FALSE(JiffyClock::In(List("999999990", "1000000010"), kJiffy));
}

TEST(JiffyClockTest, DoesNotKnowATickOfLowResolution) {
  EXPECT_FALSE(
      JiffyClock::In(List("1003127808", "1003135232", "it_real_fn"), kJiffy));
}

TEST(JiffyClockTest, KnowsNothingWithoutAText) {
  EXPECT_FALSE(JiffyClock::In("", kJiffy));
}

}  // namespace
}  // namespace finwait::observe
