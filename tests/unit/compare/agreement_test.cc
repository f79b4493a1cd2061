// When two lengths of a timer are the same, and when not.
#include "compare/agreement.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tcp/linux_timing.h"

namespace finwait::compare {
namespace {

using namespace std::chrono_literals;

constexpr int kRates[] = {100, 250, 300, 1000};

Conditions Real(int hz) {
  return {.kernel = "6.18", .hz = hz, .late = {.timer = 10ms, .tick = {}}};
}
Conditions Virtual(int hz) {
  return {.kernel = "7.3", .hz = hz, .virtual_time = true};
}
Figure Timer(Duration length) { return {{length, length, length}, 1}; }
Figure Other(Duration length) { return {{length, length, length}, 0}; }

TEST(Agreement, GrantsEachRunItsOwnSlotOfTheWheel) {
  for (const int hz_a : kRates) {
    for (const int hz_b : kRates) {
      for (const Duration asked : {1s, 2s, 5s, 16s, 17s, 60s, 120s, 129s}) {
        const Figure earliest = Timer(asked);
        const Figure latest = Timer(asked + tcp::WheelLateness(asked, hz_b));
        EXPECT_FALSE(WhyApart(earliest, Virtual(hz_a), latest, Virtual(hz_b)))
            << Format(asked) << " at " << hz_a << " and " << hz_b << " Hz";
      }
    }
  }
}

TEST(Agreement, FindsEveryTimerThatMovedByMoreThanItsLateness) {
  for (const int hz : kRates) {
    for (Duration asked = 100ms; asked < 130s; asked += 777ms) {
      const Duration noise = 10ms + 3 * tcp::Jiffy(hz);
      const Duration moved = asked + tcp::WheelLateness(asked, hz) + noise;
      const Duration later = moved + tcp::WheelLateness(moved, hz) + noise;
      EXPECT_TRUE(WhyApart(Timer(asked), Real(hz), Timer(later), Real(hz)))
          << Format(asked) << " moved to " << Format(later) << " at " << hz;
      EXPECT_TRUE(WhyApart(Timer(later), Real(hz), Timer(asked), Real(hz)));
    }
  }
}

TEST(Agreement, IsTighterInVirtualTime) {
  EXPECT_FALSE(
      WhyApart(Timer(300ms), Virtual(100), Timer(319ms), Virtual(100)));
  EXPECT_EQ(WhyApart(Timer(300ms), Virtual(100), Timer(340ms), Virtual(100)),
            "no lateness explains it: A comes of 280ms to 300ms, B of 320ms to "
            "340ms");
}

TEST(Agreement, KnowsTheCliffOfSixtySeconds) {
  const Figure two_stages{{2s, 2032ms, 2040ms}, 2};
  EXPECT_TRUE(WhyApart(two_stages, Real(250), Timer(61200ms), Real(250)));
}

TEST(Agreement, KnowsThatJiffiesRoundDifferently) {
  EXPECT_FALSE(
      WhyApart(Timer(209701us), Real(250), Timer(224827us), Virtual(100)));
}

TEST(Agreement, LetsProgramsOfARealMachineWait) {
  EXPECT_FALSE(WhyApart(Other(30us), Real(250), Other(480ms), Real(250)));
  EXPECT_TRUE(WhyApart(Other(30us), Real(250), Other(700ms), Real(250)));
  Conditions slow = Real(250);
  slow.pauses = 300ms;
  EXPECT_FALSE(WhyApart(Other(30us), Real(250), Other(700ms), slow));
  EXPECT_TRUE(WhyApart(Other(30us), Virtual(250), Other(100ms), Virtual(250)));
}

TEST(Agreement, LetsTimersBeAsLateAsTheirMachineWas) {
  Conditions busy = Real(250);
  EXPECT_TRUE(WhyApart(Timer(1s), Real(250), Timer(1070ms), busy));
  EXPECT_TRUE(WhyApart(Timer(1s), Real(250), Timer(940ms), busy));
  busy.late = {.timer = 40ms, .tick = 20ms};
  EXPECT_FALSE(WhyApart(Timer(1s), Real(250), Timer(1070ms), busy));
  EXPECT_TRUE(WhyApart(Timer(1s), busy, Timer(1140ms), Real(250)));
  EXPECT_FALSE(WhyApart(Timer(1s), Real(250), Timer(940ms), busy));
  EXPECT_TRUE(WhyApart(Timer(1s), Real(250), Timer(925ms), busy));
}

TEST(Agreement, ComparesWhatTimersWereArmedWith) {
  EXPECT_FALSE(WhyArmedApart(5s, Real(250), 5004ms, Real(250)));
  EXPECT_TRUE(WhyArmedApart(5s, Real(250), 5050ms, Real(250)));
  // 3.5 * RTO at 250 and at 100 Hz.
  EXPECT_FALSE(WhyArmedApart(716ms, Real(250), 740ms, Virtual(100)));
}

TEST(Agreement, LetsProgramsInVirtualTimeRun) {
  Conditions where = Virtual(250);
  EXPECT_TRUE(WhyApart(Other(41ms), where, Other(68ms), where));
  where.programs = 3;
  EXPECT_FALSE(WhyApart(Other(41ms), where, Other(68ms), where));
  EXPECT_TRUE(WhyApart(Other(41ms), where, Other(158ms), where));
}

TEST(Agreement, TriplesTheRoundTripInTheRto) {
  EXPECT_FALSE(WhyRtosApart(208ms, Virtual(250), 220ms, Virtual(250)));
  EXPECT_TRUE(WhyRtosApart(208ms, Virtual(250), 240ms, Virtual(250)));
  EXPECT_FALSE(WhyRtosApart(208ms, Real(250), 240ms, Virtual(250)));
  EXPECT_TRUE(WhyRtosApart(816ms, Real(250), 1632ms, Real(250)));
}

TEST(Agreement, LetsRoundTripsWaitForATimer) {
  EXPECT_FALSE(WhyRtosApart(2752ms, Virtual(250), 2592ms, Virtual(250)));
  EXPECT_TRUE(WhyRtosApart(604ms, Virtual(250), 300ms, Virtual(250)));
}

TEST(Agreement, LetsOneOfTwentyOfACrowdGoAnotherWay) {
  EXPECT_TRUE(SameCount(950, 1000, 1000));
  EXPECT_FALSE(SameCount(949, 1000, 1000));
  EXPECT_FALSE(SameCount(0, 1, 0));
}

}  // namespace
}  // namespace finwait::compare
