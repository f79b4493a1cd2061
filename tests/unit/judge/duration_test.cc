// How long a state lasted against how long it may last. All at 250 Hz: a
// jiffy is 4 ms, and a timer of 5 s is at most 256 ms late.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/judge/scenario_builder.h"

namespace finwait::judge {
namespace {

using finwait::testing::AtLeast;
using finwait::testing::AtMost;
using finwait::testing::Between;
using finwait::testing::DefaultEnvironment;
using finwait::testing::For;
using finwait::testing::Formula;
using finwait::testing::JudgeOne;
using finwait::testing::OnState;
using finwait::testing::TimelineBuilder;
using finwait::testing::Timer;
using finwait::testing::ToTheEnd;
using tcp::TcpState;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

// FIN_WAIT2 from 1 s on for `length`, its ends known within `blur`.
tcp::Timeline Orphan(Duration length, Duration blur = {}, Duration run = 100s) {
  TimelineBuilder run_of;
  run_of.Endpoint("client", "conn")
      .Enter(TcpState::kEstablished, 0s)
      .Enter(TcpState::kFinWait1, 999ms, "sent FIN")
      .Enter(TcpState::kFinWait2, 1s, "received ACK of FIN", blur)
      .Enter(TcpState::kClosed, 1s + length, "timewait timer", blur);
  return run_of.EndAt(run).Build();
}

// FIN_WAIT2 from 1 s until the run ends.
tcp::Timeline Unfinished(Duration run) {
  TimelineBuilder run_of;
  run_of.Endpoint("client", "conn")
      .Enter(TcpState::kEstablished, 0s)
      .Enter(TcpState::kFinWait2, 1s);
  return run_of.EndAt(run).Build();
}

Finding Lasting(scenario::Lasts lasts, const tcp::Timeline& timeline) {
  return JudgeOne(OnState(TcpState::kFinWait2, std::move(lasts)), timeline);
}

TEST(Timer, ExactlyOnTimePasses) {
  Finding finding = Lasting(Timer(For(5s)), Orphan(5s));
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.margin, 0s);
  EXPECT_EQ(finding.actual, "lasted 5s");
}

TEST(Timer, PassesAsLateAsTheWheelMayBe) {
  Finding finding = Lasting(Timer(For(5s)), Orphan(5260ms));
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.margin, 0s);
  finding = Lasting(Timer(For(5s)), Orphan(5132ms));
  EXPECT_EQ(finding.margin, 128ms);
}

TEST(Timer, OneMicrosecondLaterFails) {
  Finding finding = Lasting(Timer(For(5s)), Orphan(5260ms + 1us));
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.margin, -1us);
  EXPECT_EQ(finding.actual, "lasted 5.260001s: 1us too long");
}

judge::Environment RealTime() {
  judge::Environment environment = DefaultEnvironment();
  environment.virtual_time = false;
  return environment;
}

// A busy machine runs the timer's softirq late; nobody tells how late.
TEST(Timer, MayBeLateByASoftirqInRealTime) {
  const auto expected = OnState(TcpState::kFinWait2, Timer(For(5s)));
  EXPECT_EQ(JudgeOne(expected, Orphan(5268ms)).verdict, Verdict::kFail);
  Finding finding = JudgeOne(expected, Orphan(5268ms), RealTime());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.margin, 2ms);
  EXPECT_THAT(finding.formula, HasSubstr("10ms more, as nobody told"));
}

tcp::Timeline OnMachineThatIsLate(tcp::Timeline timeline, Duration timer,
                                  Duration tick) {
  timeline.sources.push_back({.name = "sockops"});
  timeline.sources.push_back(
      {.name = "timer tracepoints", .late_timer = timer, .late_tick = tick});
  return timeline;
}

// The latest of the machine's timers may have been this one.
TEST(Timer, MayBeAsLateAsTheMachinesLatest) {
  const auto expected = OnState(TcpState::kFinWait2, Timer(For(5s)));
  const auto orphan = [](Duration length) {
    return OnMachineThatIsLate(Orphan(length), 38ms, {});
  };
  EXPECT_EQ(JudgeOne(expected, orphan(5299ms), RealTime()).verdict,
            Verdict::kFail);
  EXPECT_EQ(JudgeOne(expected, orphan(5298ms)).verdict, Verdict::kFail);
  Finding finding = JudgeOne(expected, orphan(5298ms), RealTime());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.margin, 0ms);
  EXPECT_THAT(finding.formula, HasSubstr("38ms more, as a softirq"));
}

// What is armed by an old count of jiffies is armed for too little.
TEST(Timer, MayBeTooShortByTheMachinesLatestTick) {
  const auto expected = OnState(TcpState::kFinWait2, Timer(For(5s)));
  const auto orphan = [](Duration length, Duration tick) {
    return OnMachineThatIsLate(Orphan(length), {}, tick);
  };
  EXPECT_EQ(JudgeOne(expected, orphan(4969ms, 30ms), RealTime()).verdict,
            Verdict::kFail);
  EXPECT_EQ(JudgeOne(expected, orphan(4970ms, 30ms)).verdict, Verdict::kFail);
  Finding finding = JudgeOne(expected, orphan(4970ms, 30ms), RealTime());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_THAT(finding.formula, HasSubstr("30ms less, as the tick"));
  // Every tick is a little late.
  EXPECT_EQ(JudgeOne(expected, orphan(4999999us, 900us), RealTime()).verdict,
            Verdict::kFail);
}

TEST(Timer, MayBeLateOnceForEachOfAChain) {
  Finding finding =
      JudgeOne(OnState(TcpState::kFinWait2, Timer(Formula("tcp_fin_timeout"))),
               OnMachineThatIsLate(Orphan(60s), 38ms, {}), RealTime());
  EXPECT_THAT(finding.formula, HasSubstr("38ms more, as a softirq"));
  judge::Environment ninety = RealTime();
  ninety.sysctls["client"]["net.ipv4.tcp_fin_timeout"] = 90;
  finding =
      JudgeOne(OnState(TcpState::kFinWait2, Timer(Formula("tcp_fin_timeout"))),
               OnMachineThatIsLate(Orphan(60s), 38ms, {}), ninety);
  EXPECT_THAT(finding.formula, HasSubstr("38ms more for each of 2 timers"));
}

// The kernel's own record can.
TEST(Timer, IsJudgedByItsSlotIfTheSoftirqWasLate) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(TcpState::kFinWait2, 1s)
      .Armed(1s, 5s, 6s + 200ms)
      .Fired(6s + 290ms)
      .Enter(TcpState::kClosed, 6s + 290ms, "timewait timer")
      .By(tcp::Source::kTracepoint);
  Finding finding = JudgeOne(OnState(TcpState::kFinWait2, Timer(For(5s))),
                             run.Build(), RealTime());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.margin, 60ms);
  EXPECT_THAT(finding.formula, HasSubstr("without the 90ms by which"));
}

// Nor is one believed to have run for as long as two.
TEST(Timer, WhoseArmingNobodyToldIsNotTakenForTheOneBefore) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(TcpState::kFinWait2, 1s)
      .Armed(1s, 2s, 3s)
      .Fired(6s)
      .Enter(TcpState::kClosed, 6s, "timewait timer")
      .By(tcp::Source::kTracepoint);
  EXPECT_EQ(Lasting(Timer(For(5s)), run.Build()).margin, 0s);
}

TEST(Timer, EarlyFails) {
  Finding finding = Lasting(Timer(For(5s)), Orphan(4999ms));
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.margin, -1ms);
  EXPECT_EQ(finding.actual, "lasted 4.999s: 1ms too short");
}

TEST(Timer, FormulaShowsTheAllowance) {
  Finding finding = Lasting(Timer(For(5s)), Orphan(5s));
  EXPECT_EQ(finding.expected, "lasts 5s");
  EXPECT_EQ(finding.subject, "client conn: FIN_WAIT2");
  EXPECT_EQ(finding.formula,
            "allowed 5s to 5.26s: never early, at most 256ms late by the timer "
            "wheel and 4ms by the jiffy at 250 Hz");
}

TEST(Timer, BlurThatStraddlesABoundIsBroken) {
  Finding finding = Lasting(Timer(For(5s)), Orphan(4999ms, 2ms));
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_EQ(finding.margin, std::nullopt);
  EXPECT_EQ(finding.actual,
            "lasted 4.999s (4.995s to 5.003s): too imprecise: the interval is "
            "8ms wide and straddles 5s");
}

TEST(Timer, BlurThatStaysInsidePasses) {
  Finding finding = Lasting(Timer(For(5s)), Orphan(5100ms, 20ms));
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.actual, "lasted 5.1s (5.06s to 5.14s)");
}

TEST(Timer, BlurThatStaysOutsideFails) {
  Finding finding = Lasting(Timer(For(5s)), Orphan(4990ms, 2ms));
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.margin, -10ms);
}

TEST(Timer, BlurWiderThanTheRangeIsBroken) {
  Finding finding = Lasting(Timer(For(5s)), Orphan(5100ms, 200ms));
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_EQ(finding.actual,
            "lasted 5.1s (4.7s to 5.5s): too imprecise: the interval is 800ms "
            "wide and straddles 5s and 5.26s");
}

TEST(Timer, StillThereLongAfterFails) {
  Finding finding = Lasting(Timer(For(5s)), Unfinished(13s));
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "still in FIN_WAIT2 after 12s, when the run ended");
  EXPECT_EQ(finding.margin, -6740ms);
}

TEST(Timer, RunThatEndsTooEarlyFailsAndSaysSo) {
  Finding finding = Lasting(Timer(For(5s)), Unfinished(4s));
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual,
            "still in FIN_WAIT2 after 3s, when the run ended: the run ended "
            "too early to tell");
}

TEST(Timer, StateThatNeverCameFails) {
  Finding finding =
      JudgeOne(OnState(TcpState::kTimeWait, Timer(For(60s))), Orphan(5s));
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual,
            "was never in TIME_WAIT: ESTABLISHED > FIN_WAIT1 > FIN_WAIT2 > "
            "CLOSED");
}

TEST(Timer, SecondStayIsItsOwn) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(TcpState::kSynRecv, 0s)
      .Enter(TcpState::kTimeWait, 1s)
      .Enter(TcpState::kSynRecv, 2s)
      .Enter(TcpState::kEstablished, 5s);
  auto expected = OnState(TcpState::kSynRecv, AtLeast(For(3s)));
  expected.states[0].occurrence = 2;
  Finding finding = JudgeOne(expected, run.Build());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.subject, "client conn: SYN_RECV (2nd)");
  EXPECT_EQ(finding.actual, "lasted 3s");
}

TEST(AtLeast, ComparesWithTheBoundAlone) {
  EXPECT_EQ(Lasting(AtLeast(For(5s)), Orphan(6s)).margin, 1s);
  Finding finding = Lasting(AtLeast(For(5s)), Orphan(4s));
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.margin, -1s);
  EXPECT_EQ(finding.expected, "lasts at least 5s");
}

TEST(AtLeast, UnfinishedStatePassesWhenItIsSureAlready) {
  Finding finding = Lasting(AtLeast(For(5s)), Unfinished(7s));
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.margin, 1s);
  finding = Lasting(AtLeast(For(5s)), Unfinished(5s));
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_THAT(finding.actual, HasSubstr("the run ended too early"));
}

TEST(AtMost, GetsNoAllowance) {
  EXPECT_EQ(Lasting(AtMost(For(5s)), Orphan(5s)).verdict, Verdict::kPass);
  EXPECT_EQ(Lasting(AtMost(For(5s)), Orphan(5001ms)).verdict, Verdict::kFail);
  EXPECT_EQ(Lasting(AtMost(For(5s)), Orphan(1s)).margin, 4s);
}

TEST(AtMost, UnfinishedStateNeverPasses) {
  EXPECT_EQ(Lasting(AtMost(For(5s)), Unfinished(2s)).verdict, Verdict::kFail);
  Finding finding = Lasting(AtMost(For(5s)), Unfinished(8s));
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.margin, -2s);
}

TEST(AtMost, BlurAcrossTheBoundIsBroken) {
  EXPECT_EQ(Lasting(AtMost(For(5s)), Orphan(5001ms, 2ms)).verdict,
            Verdict::kBroken);
  EXPECT_EQ(Lasting(AtMost(For(5s)), Orphan(5001ms, 100ms)).verdict,
            Verdict::kBroken);
}

TEST(Between, HoldsBothBounds) {
  auto lasts = Between(For(2s), For(5s));
  EXPECT_EQ(Lasting(lasts, Orphan(3s)).margin, 1s);
  EXPECT_EQ(Lasting(lasts, Orphan(1s)).verdict, Verdict::kFail);
  EXPECT_EQ(Lasting(lasts, Orphan(6s)).verdict, Verdict::kFail);
  EXPECT_EQ(Lasting(lasts, Orphan(3s)).expected, "lasts between 2s and 5s");
}

TEST(ToTheEnd, MeansTheLastState) {
  EXPECT_EQ(Lasting(ToTheEnd(), Unfinished(5s)).verdict, Verdict::kPass);
  Finding finding = Lasting(ToTheEnd(), Orphan(5s));
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "lasted 5s, then came CLOSED");
}

// --- formulas --------------------------------------------------------------

Environment WithFinTimeout(std::int64_t seconds) {
  Environment environment = DefaultEnvironment();
  environment.sysctls["client"]["net.ipv4.tcp_fin_timeout"] = seconds;
  return environment;
}

TEST(Formulas, TakeTheSysctlOfTheEndpointsHost) {
  auto expected =
      OnState(TcpState::kFinWait2, Timer(Formula("tcp_fin_timeout")));
  Finding finding = JudgeOne(expected, Orphan(5132ms), WithFinTimeout(5));
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.expected, "lasts tcp_fin_timeout");
  EXPECT_THAT(finding.formula, HasSubstr("tcp_fin_timeout 5s"));
  EXPECT_THAT(finding.formula, HasSubstr("allowed 5s to 5.26s"));
  EXPECT_EQ(JudgeOne(expected, Orphan(5132ms), WithFinTimeout(6)).verdict,
            Verdict::kFail);
}

TEST(Formulas, AddTheLatenessOfEveryStage) {
  auto expected =
      OnState(TcpState::kFinWait2, Timer(Formula("tcp_fin_timeout")));
  // 61 s: a second as an orphan, a second as a minisock, 32 ms late each.
  Finding finding = JudgeOne(expected, Orphan(2068ms), WithFinTimeout(61));
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.margin, 0s);
  EXPECT_EQ(JudgeOne(expected, Orphan(2069ms), WithFinTimeout(61)).verdict,
            Verdict::kFail);
}

TEST(Formulas, TakeTheSocketsOptions) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Option("TCP_LINGER2", 2)
      .Enter(TcpState::kEstablished, 0s)
      .Enter(TcpState::kFinWait2, 1s)
      .Enter(TcpState::kClosed, 3010ms);
  Finding finding =
      JudgeOne(OnState(TcpState::kFinWait2, Timer(Formula("tcp_fin_timeout"))),
               run.Build());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_THAT(finding.formula, HasSubstr("TCP_LINGER2 2s"));
}

TEST(Formulas, MissingSysctlIsUnsupportedByName) {
  Environment environment = DefaultEnvironment();
  environment.sysctls["client"].erase("net.ipv4.tcp_fin_timeout");
  Finding finding =
      JudgeOne(OnState(TcpState::kFinWait2, Timer(Formula("tcp_fin_timeout"))),
               Orphan(60s), environment);
  EXPECT_EQ(finding.verdict, Verdict::kUnsupported);
  EXPECT_EQ(finding.actual,
            "lasted 60s, but tcp_fin_timeout cannot be computed: this kernel "
            "has no net.ipv4.tcp_fin_timeout");
}

TEST(Formulas, MissingTcpInfoIsBroken) {
  Finding finding =
      JudgeOne(OnState(TcpState::kFinWait2, Timer(Formula("fin_wait2_floor"))),
               Orphan(60s));
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_THAT(finding.actual, HasSubstr("TCP_INFO"));
}

TEST(Formulas, MissingUpperBoundCountsToo) {
  Finding finding =
      Lasting(Between(For(1s), Formula("fin_wait2_floor")), Orphan(2s));
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
}

TEST(Formulas, TimerArmedForLongerIsMentioned) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(TcpState::kEstablished, 0s)
      .Enter(TcpState::kFinWait2, 1s)
      .Look(1002ms, 0, tcp::TimerKind::kTimewait, 7s)
      .Enter(TcpState::kClosed, 8100ms);
  Finding finding =
      JudgeOne(OnState(TcpState::kFinWait2, Timer(For(5s))), run.Build());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual,
            "lasted 7.1s; the kernel had armed its timer for 7.002s: 1.84s too "
            "long");
}

}  // namespace
}  // namespace finwait::judge
