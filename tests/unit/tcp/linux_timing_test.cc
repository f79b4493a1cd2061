// The timer wheel and FIN_WAIT2, against figures measured on Linux 5.10 to 7.3
// (at HZ=250 unless said).
#include "tcp/linux_timing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace finwait::tcp {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

TEST(Jiffies, RoundUp) {
  EXPECT_EQ(Jiffy(250), milliseconds(4));
  EXPECT_EQ(Jiffy(300), nanoseconds(3'333'333));
  EXPECT_EQ(RoundUpToJiffies(microseconds(200'040), 250), milliseconds(204));
  EXPECT_EQ(RoundUpToJiffies(microseconds(200'040), 100), milliseconds(210));
  EXPECT_EQ(RoundUpToJiffies(microseconds(200'040), 1000), milliseconds(201));
  EXPECT_EQ(RoundUpToJiffies(milliseconds(200), 250), milliseconds(200));
}

TEST(Jiffies, KeepWholeSecondsWhereAJiffyIsNoWholeNumberOfNanoseconds) {
  EXPECT_EQ(RoundUpToJiffies(seconds(5), 300), seconds(5));
  EXPECT_EQ(RoundUpToJiffies(seconds(60), 300), seconds(60));
}

struct Granularity {
  Duration armed;
  Duration at100;
  Duration at250;
  Duration at1000;
};

class WheelTest : public ::testing::TestWithParam<Granularity> {};

TEST_P(WheelTest, IsLateByOneSlotOfItsLevel) {
  const Granularity& g = GetParam();
  EXPECT_EQ(WheelLateness(g.armed, 100), g.at100);
  EXPECT_EQ(WheelLateness(g.armed, 250), g.at250);
  EXPECT_EQ(WheelLateness(g.armed, 1000), g.at1000);
}

INSTANTIATE_TEST_SUITE_P(
    Delays, WheelTest,
    ::testing::Values(Granularity{milliseconds(60), milliseconds(10),
                                  milliseconds(4), milliseconds(1)},
                      Granularity{milliseconds(200), milliseconds(10),
                                  milliseconds(4), milliseconds(8)},
                      Granularity{seconds(1), milliseconds(80),
                                  milliseconds(32), milliseconds(64)},
                      Granularity{seconds(5), milliseconds(80),
                                  milliseconds(256), milliseconds(512)},
                      Granularity{seconds(15), milliseconds(640),
                                  milliseconds(256), milliseconds(512)},
                      Granularity{seconds(17), milliseconds(640),
                                  milliseconds(2048), milliseconds(512)},
                      Granularity{seconds(30), milliseconds(640),
                                  milliseconds(2048), milliseconds(512)},
                      Granularity{seconds(60), milliseconds(5120),
                                  milliseconds(2048), milliseconds(4096)},
                      Granularity{seconds(120), milliseconds(5120),
                                  milliseconds(2048), milliseconds(4096)},
                      Granularity{seconds(130), milliseconds(5120),
                                  milliseconds(16384), milliseconds(4096)},
                      Granularity{seconds(258), milliseconds(5120),
                                  milliseconds(16384), milliseconds(4096)},
                      Granularity{seconds(300), milliseconds(5120),
                                  milliseconds(16384), milliseconds(32768)},
                      Granularity{seconds(1000), milliseconds(40960),
                                  milliseconds(16384), milliseconds(32768)}));

TEST(Wheel, LevelsBeginAt63SlotsOfTheirWidth) {
  // 16.000 s are 4000 jiffies at HZ=250, 16.128 s are 4032 = 63 * 64.
  EXPECT_EQ(WheelLateness(seconds(16), 250), milliseconds(256));
  EXPECT_EQ(WheelLateness(milliseconds(16'124), 250), milliseconds(256));
  EXPECT_EQ(WheelLateness(milliseconds(16'128), 250), milliseconds(2048));
}

// The wheel rounds up, and a timer in the first slot waits for its end, too.
TEST(Wheel, SlotEndsAfterTheTimerIsDue) {
  EXPECT_EQ(WheelSlot(1010, 1000), 1011U);  // 10 jiffies: slots of one
  EXPECT_EQ(WheelSlot(1250, 1000), 1256U);  // 250: of 8
  EXPECT_EQ(WheelSlot(1248, 1000), 1256U);  // at a slot's beginning: its end
  EXPECT_EQ(WheelSlot(2250, 1000), 2304U);  // 1250: of 64
}

TEST(Wheel, SlotIsLateByNoMoreThanItsWidth) {
  for (std::uint64_t delta = 1; delta < 20'000; delta += 7) {
    const std::uint64_t now = 4'294'667'296 + delta;  // INITIAL_JIFFIES
    const std::uint64_t late = WheelSlot(now + delta, now) - (now + delta);
    const Duration armed = FromJiffies(static_cast<std::int64_t>(delta), 1000);
    EXPECT_GT(late, 0U);
    EXPECT_LE(FromJiffies(static_cast<std::int64_t>(late), 1000),
              WheelLateness(armed, 1000));
  }
}

TEST(Wheel, ChainSumsStagesAndTheirLateness) {
  TimerChain chain{{seconds(1), seconds(1)}};
  EXPECT_EQ(chain.nominal(), seconds(2));
  EXPECT_EQ(chain.lateness(250), milliseconds(64));
  EXPECT_EQ(TimerChain{}.nominal(), Duration::zero());
}

TEST(FinTime, FloorIsThreeAndAHalfRtoInWholeJiffies) {
  EXPECT_EQ(FinWait2Floor(milliseconds(204), 250), milliseconds(716));
  EXPECT_EQ(FinWait2Floor(milliseconds(210), 100), milliseconds(740));
  EXPECT_EQ(FinWait2Floor(milliseconds(201), 1000), milliseconds(704));
}

TEST(FinTime, FloorWinsOverSmallZeroAndNegativeTimeouts) {
  for (Duration timeout : {seconds(0), seconds(-1), seconds(-100)}) {
    EXPECT_EQ(FinTime({.fin_timeout = timeout}, 250), milliseconds(716));
  }
  EXPECT_EQ(FinTime({.fin_timeout = seconds(1), .rto = milliseconds(600)}, 250),
            milliseconds(2100));
}

TEST(FinTime, Linger2ReplacesTheSysctlUnlessItIsZero) {
  EXPECT_EQ(FinTime({.fin_timeout = seconds(7), .linger2 = seconds(2)}, 250),
            seconds(2));
  EXPECT_EQ(FinTime({.fin_timeout = seconds(7), .linger2 = seconds(0)}, 250),
            seconds(7));
  EXPECT_EQ(FinTime({.fin_timeout = seconds(7), .linger2 = seconds(500)}, 250),
            seconds(120));
}

struct FinWait2Life {
  int fin_timeout;    // s
  Duration nominal;   // what the timers are asked for
  Duration measured;  // on 6.18
};

class FinWait2Test : public ::testing::TestWithParam<FinWait2Life> {};

TEST_P(FinWait2Test, LastsAsMeasured) {
  const FinWait2Life& life = GetParam();
  TimerChain chain =
      OrphanFinWait2({.fin_timeout = seconds(life.fin_timeout)}, 250);
  EXPECT_EQ(chain.nominal(), life.nominal);
  EXPECT_THAT(life.measured, Ge(chain.nominal()));
  EXPECT_THAT(life.measured, Le(chain.nominal() + chain.lateness(250)));
}

INSTANTIATE_TEST_SUITE_P(
    Timeouts, FinWait2Test,
    ::testing::Values(FinWait2Life{0, milliseconds(716), milliseconds(728)},
                      FinWait2Life{1, seconds(1), milliseconds(1030)},
                      FinWait2Life{2, seconds(2), milliseconds(2030)},
                      FinWait2Life{3, seconds(3), milliseconds(3140)},
                      FinWait2Life{5, seconds(5), milliseconds(5130)},
                      FinWait2Life{10, seconds(10), milliseconds(10'040)},
                      FinWait2Life{20, seconds(20), milliseconds(21'680)},
                      FinWait2Life{30, seconds(30), milliseconds(32'020)},
                      FinWait2Life{60, seconds(60), milliseconds(60'780)},
                      FinWait2Life{61, seconds(2), milliseconds(2055)},
                      FinWait2Life{62, seconds(4), milliseconds(4040)},
                      FinWait2Life{65, seconds(10), milliseconds(10'280)},
                      FinWait2Life{75, seconds(30), milliseconds(30'210)},
                      FinWait2Life{90, seconds(60), milliseconds(60'820)},
                      FinWait2Life{100, seconds(80), milliseconds(81'330)},
                      FinWait2Life{120, seconds(120), milliseconds(122'190)}),
    [](const auto& row) {
      return "timeout" + std::to_string(row.param.fin_timeout);
    });

TEST(FinWait2, Of300SecondsLasts480) {
  EXPECT_EQ(OrphanFinWait2({.fin_timeout = seconds(300)}, 250).nominal(),
            seconds(480));
}

TEST(FinWait2, IsOneMinisockUpTo60SecondsAndTwoStagesAbove) {
  EXPECT_THAT(OrphanFinWait2({.fin_timeout = seconds(60)}, 250).stages,
              ElementsAre(seconds(60)));
  EXPECT_THAT(OrphanFinWait2({.fin_timeout = seconds(61)}, 250).stages,
              ElementsAre(seconds(1), seconds(1)));
}

TEST(FinWait2, SecondStageKeepsTheFloor) {
  // RTO 600 ms: the floor of 2.1 s exceeds the second that is left.
  EXPECT_THAT(OrphanFinWait2(
                  {.fin_timeout = seconds(61), .rto = milliseconds(600)}, 250)
                  .stages,
              ElementsAre(seconds(1), milliseconds(2100)));
}

TEST(FinWait2, Linger2Between61And119IsShorterThanAsked) {
  EXPECT_EQ(OrphanFinWait2({.linger2 = seconds(62)}, 250).nominal(),
            seconds(4));
  EXPECT_EQ(OrphanFinWait2({.linger2 = seconds(500)}, 250).nominal(),
            seconds(120));
}

}  // namespace
}  // namespace finwait::tcp
