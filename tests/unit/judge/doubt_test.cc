// Looks of a starved observer, lost events, and the kernel's own timers.
#include "judge/doubt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/judge/scenario_builder.h"

namespace finwait::judge {
namespace {

using finwait::testing::For;
using finwait::testing::JudgeAll;
using finwait::testing::JudgeOne;
using finwait::testing::OnClient;
using finwait::testing::OnState;
using finwait::testing::TimelineBuilder;
using finwait::testing::Timer;
using ::testing::HasSubstr;
using namespace std::chrono_literals;
using enum tcp::TcpState;

// In FIN_WAIT2 from 1 s, owned as a look that came so late found.
tcp::Timeline Owned(Duration late) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kEstablished, 0s)
      .Enter(kFinWait2, 1s)
      .Look(1100ms, 77)
      .Late(late);
  return run.Build();
}

TEST(Starved, IsMoreThanAJiffyAndAMillisecond) {
  EXPECT_EQ(StarvedFrom(250), 5ms);
  EXPECT_FALSE(IsStarved({.late = 5ms}, 250));
  EXPECT_TRUE(IsStarved({.late = 6ms}, 250));
}

TEST(Starved, LookDoesNotFailWhatItContradicts) {
  auto expected = OnClient();
  expected.states.push_back({.state = kFinWait2, .orphan = true});
  EXPECT_EQ(JudgeOne(expected, Owned(1ms)).verdict, Verdict::kFail);
  Finding finding = JudgeOne(expected, Owned(23ms));
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_EQ(finding.actual,
            "owned (inode 77) at 1.1s, but the observer itself was kept "
            "waiting 23ms before the look at 1.1s");
  expected.states[0].orphan = false;
  EXPECT_EQ(JudgeOne(expected, Owned(23ms)).verdict, Verdict::kPass);
}

TEST(Starved, TimerIsNotTheKernelsDoing) {
  auto expected = OnClient();
  expected.states.push_back({.state = kFinWait2,
                             .timer = tcp::TimerKind::kTimewait,
                             .timer_left = Timer(For(5s))});
  for (const Finding& finding : JudgeAll(expected, Owned(23ms))) {
    EXPECT_EQ(finding.verdict, Verdict::kBroken) << finding.actual;
  }
}

TEST(Starved, LookExplainsAWideInterval) {
  TimelineBuilder run;
  auto& client = run.Endpoint("client", "conn")
                     .Enter(kFinWait2, 1s)
                     .Enter(kClosed, 6240ms, "", 30ms);
  client.Look(6270ms, 0).Late(50ms);
  Finding finding = JudgeOne(OnState(kFinWait2, Timer(For(5s))), run.Build());
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_THAT(finding.actual,
              HasSubstr("straddles 5.26s; the observer itself was kept waiting "
                        "50ms before the look at 6.27s"));
}

TEST(Starved, ObserverMayMissAStateOfThePath) {
  TimelineBuilder run;
  auto& client = run.Endpoint("client", "conn")
                     .Enter(kFinWait2, 1s)
                     .Enter(kClosed, 2s)
                     .By(tcp::Source::kDiag);
  auto expected = OnClient();
  expected.path = {kFinWait2, kTimeWait, kClosed};
  EXPECT_EQ(JudgeOne(expected, run.Build()).verdict, Verdict::kFail);
  client.Look(2s, 0).Late(500ms);
  EXPECT_EQ(JudgeOne(expected, run.Build()).verdict, Verdict::kBroken);
}

TEST(Losses, AreNamedWithTheirSource) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kFinWait2, 1s)
      .Hole("a state is missing");
  run.Raw().sources = {{.name = "sockops", .events = 2988, .lost = 12},
                       {.name = "sock_diag", .events = 70, .lost = 0}};
  run.Raw().packets_dropped = 3;
  Finding finding = JudgeOne(OnState(kFinWait2, Timer(For(5s))), run.Build());
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_EQ(finding.actual,
            "not observed completely: a state is missing; sockops lost 12 of "
            "3000 events, the capture lost 3 packets");
}

TEST(Losses, BreakNothingThatTheOthersFilled) {
  TimelineBuilder run;
  run.Endpoint("client", "conn").Enter(kFinWait2, 1s).Enter(kClosed, 6100ms);
  run.Raw().sources = {{.name = "sockops", .events = 2988, .lost = 12}};
  EXPECT_EQ(JudgeOne(OnState(kFinWait2, Timer(For(5s))), run.Build()).verdict,
            Verdict::kPass);
}

TEST(Losses, MayBeWhatWasNeverSeen) {
  TimelineBuilder run;
  run.Raw().sources = {{.name = "sockops", .events = 2988, .lost = 12}};
  EXPECT_EQ(JudgeOne(OnState(kFinWait2, Timer(For(5s))), run.Build()).verdict,
            Verdict::kBroken);
}

// --- timers that the kernel told of ----------------------------------------

// A minisock whose end two looks bound loosely, and the tracepoints exactly.
tcp::Timeline Traced(Duration blur) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kFinWait2, 1s)
      .Armed(1s, 5s, 6256ms)
      .Fired(6256ms)
      .Enter(kClosed, 6256ms, "", blur);
  return run.Build();
}

TEST(Traced, TimerIsToldWithItsSlot) {
  Finding finding = JudgeOne(OnState(kFinWait2, Timer(For(5s))), Traced(0s));
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.actual,
            "lasted 5.256s; the kernel armed its timer for 5s at 1s, slot of "
            "the wheel at 6.256s, fired at 6.256s");
}

TEST(Traced, FiringNarrowsTheInterval) {
  EXPECT_EQ(JudgeOne(OnState(kFinWait2, Timer(For(5s))), Traced(20ms)).verdict,
            Verdict::kPass);
}

TEST(Traced, TimerLeftNeedsNoLook) {
  auto expected = OnClient();
  expected.states.push_back({.state = kFinWait2, .timer_left = Timer(For(5s))});
  EXPECT_EQ(JudgeOne(expected, Traced(0s)).verdict, Verdict::kPass);
  expected.states[0].timer_left = Timer(For(6s));
  EXPECT_EQ(JudgeOne(expected, Traced(0s)).verdict, Verdict::kFail);
}

}  // namespace
}  // namespace finwait::judge
