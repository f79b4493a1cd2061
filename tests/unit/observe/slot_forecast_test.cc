// When a timer will fire, and the looks around that.
#include "observe/slot_forecast.h"

#include <gtest/gtest.h>

namespace finwait::observe {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kMargin = microseconds(100);

TimePoint At(Duration since_start) { return TimePoint(since_start); }

// HZ=100: jiffy 1000 begins at 10 s.
const JiffyClock kClock(1000, At(seconds(10)), milliseconds(10));

tcp::Sample Look(Duration at, Duration left, Duration took = microseconds(3)) {
  tcp::Sample look{.before = At(at), .after = At(at + took), .facts = {}};
  look.facts = tcp::SocketFacts{.state = tcp::TcpState::kFinWait2,
                                .timer = tcp::TimerKind::kTimewait,
                                .expires = left};
  return look;
}

// Jiffy 1300 is in the slot of eight jiffies that ends with jiffy 1304.
TEST(SlotForecastTest, IsTheEndOfTheSlot) {
  SlotForecast forecast;
  EXPECT_EQ(forecast.OnLook(Look(milliseconds(10'004), seconds(3)), kClock),
            At(milliseconds(13'040)));
}

// Armed for three seconds it stays in its slot, when half a second is left,
// too, for which slots of one jiffy would do.
TEST(SlotForecastTest, DoesNotChangeAsTimePasses) {
  SlotForecast forecast;
  forecast.OnLook(Look(milliseconds(10'004), seconds(3)), kClock);
  EXPECT_EQ(
      forecast.OnLook(Look(milliseconds(12'504), milliseconds(500)), kClock),
      At(milliseconds(13'040)));
  EXPECT_EQ(
      forecast.OnLook(Look(milliseconds(13'004), Duration::zero()), kClock),
      At(milliseconds(13'040)));
}

TEST(SlotForecastTest, ChangesWhenTheTimerIsArmedAgain) {
  SlotForecast forecast;
  forecast.OnLook(Look(milliseconds(10'004), seconds(3)), kClock);
  EXPECT_EQ(
      forecast.OnLook(Look(milliseconds(12'504), milliseconds(600)), kClock),
      At(milliseconds(13'110)));
}

TEST(SlotForecastTest, IsNoneWhenTheTimeHasPassed) {
  SlotForecast forecast;
  forecast.OnLook(Look(milliseconds(10'004), seconds(3)), kClock);
  EXPECT_FALSE(
      forecast.OnLook(Look(milliseconds(13'041), Duration::zero()), kClock));
}

TEST(SlotForecastTest, IsNoneIfATickCameDuringTheLook) {
  SlotForecast forecast;
  EXPECT_FALSE(forecast.OnLook(
      Look(milliseconds(10'009), seconds(3), milliseconds(2)), kClock));
}

TEST(SlotForecastTest, IsNoneWithoutATimer) {
  SlotForecast forecast;
  tcp::Sample gone = Look(milliseconds(10'004), seconds(3));
  gone.facts.reset();
  EXPECT_FALSE(forecast.OnLook(gone, kClock));
}

TEST(LookAroundTest, HalvesAFarWay) {
  EXPECT_EQ(LookAround(At(seconds(9)), At(seconds(1)), kMargin),
            At(seconds(5)));
}

TEST(LookAroundTest, LooksTwiceBeforeAndOnceAfter) {
  const TimePoint slot = At(seconds(9));
  const TimePoint first = LookAround(slot, slot - milliseconds(7), kMargin);
  EXPECT_EQ(first, slot - milliseconds(1));
  const TimePoint second = LookAround(slot, first, kMargin);
  EXPECT_EQ(second, slot - kMargin);
  EXPECT_EQ(LookAround(slot, second, kMargin), slot);
}

TEST(LookAroundTest, TakesAMarginOfSeveralMilliseconds) {
  const TimePoint slot = At(seconds(9));
  EXPECT_EQ(LookAround(slot, slot - milliseconds(7), milliseconds(4)),
            slot - milliseconds(4));
}

}  // namespace
}  // namespace finwait::observe
