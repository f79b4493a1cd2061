// When segments passed: since a state began, and one after the other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/judge/scenario_builder.h"

namespace finwait::judge {
namespace {

using finwait::testing::Between;
using finwait::testing::EndpointBuilder;
using finwait::testing::For;
using finwait::testing::JudgeAll;
using finwait::testing::kReceived;
using finwait::testing::kSent;
using finwait::testing::OnClient;
using finwait::testing::TimelineBuilder;
using finwait::testing::Timer;
using scenario::PacketExpectation;
using ::testing::HasSubstr;
using namespace std::chrono_literals;
using enum tcp::TcpState;

// A FIN into the void, as it is at 250 Hz: a probe, then the ladder.
EndpointBuilder& AddLadder(TimelineBuilder& run, Duration blur = {}) {
  return run.Endpoint("client", "conn")
      .Enter(kEstablished, 0s)
      .Packet(500ms, kReceived, tcp::kAck)
      .Enter(kFinWait1, 1s, "sent FIN", blur)
      .Packet(1s, kSent, tcp::kFin | tcp::kAck)
      .Packet(1205ms, kSent, tcp::kFin | tcp::kAck)
      .Packet(1410ms, kSent, tcp::kFin | tcp::kAck)
      .Packet(1820ms, kSent, tcp::kFin | tcp::kAck);
}

tcp::Timeline Ladder(Duration blur = {}) {
  TimelineBuilder run;
  AddLadder(run, blur);
  return run.Build();
}

// The second finding: the first is that of the count.
Finding When(PacketExpectation packets, const tcp::Timeline& timeline) {
  auto expected = OnClient();
  expected.packets.push_back(std::move(packets));
  return JudgeAll(expected, timeline).at(1);
}

PacketExpectation SecondFin(scenario::Lasts at) {
  return {.sent = true,
          .flags = tcp::kFin,
          .since = kFinWait1,
          .at = std::move(at),
          .number = 2};
}

TEST(At, IsSinceTheStateBegan) {
  Finding finding = When(SecondFin(Timer(For(204ms))), Ladder());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.margin, 1ms);
  EXPECT_EQ(finding.expected, "2nd FIN sent since FIN_WAIT1: after 204ms");
  EXPECT_EQ(finding.actual,
            "sent FIN|ACK at 1.205s, 205ms after FIN_WAIT1 began");
  EXPECT_EQ(When(SecondFin(Timer(For(300ms))), Ladder()).verdict,
            Verdict::kFail);
  EXPECT_EQ(When(SecondFin(Timer(For(100ms))), Ladder()).verdict,
            Verdict::kFail);
}

TEST(At, HasTheUncertaintyOfThatState) {
  Finding finding =
      When(SecondFin(Between(For(200ms), For(205ms))), Ladder(500us));
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_THAT(finding.actual, HasSubstr("205ms (204.5ms to 205.5ms) after "
                                        "FIN_WAIT1 began: too imprecise"));
  EXPECT_EQ(
      When(SecondFin(Between(For(200ms), For(210ms))), Ladder(500us)).verdict,
      Verdict::kPass);
}

// Which FIN was the first of FIN_WAIT1, if nobody knows when that began?
TEST(At, CannotNumberWhatMayNotBelong) {
  EXPECT_EQ(When(SecondFin(Timer(For(204ms))), Ladder(50ms)).verdict,
            Verdict::kBroken);
}

TEST(At, TooFewFail) {
  PacketExpectation fifth = SecondFin(Timer(For(204ms)));
  fifth.number = 5;
  Finding finding = When(fifth, Ladder());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_THAT(finding.actual, HasSubstr("only 4: sent FIN|ACK at 1s"));
}

PacketExpectation FinGaps(const std::vector<Duration>& gaps) {
  PacketExpectation expected{.sent = true, .flags = tcp::kFin};
  for (Duration gap : gaps) expected.gaps.push_back(Timer(For(gap)));
  return expected;
}

TEST(Gaps, AreTimersOneAfterTheOther) {
  Finding finding = When(FinGaps({204ms, 204ms, 408ms}), Ladder());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.margin, 1ms);
  EXPECT_EQ(finding.expected, "FIN sent: gaps 204ms, 204ms, 408ms");
  EXPECT_EQ(finding.actual, "205ms, 205ms, 410ms");
}

TEST(Gaps, SayWhichIsWrong) {
  Finding finding = When(FinGaps({204ms, 300ms, 408ms}), Ladder());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "205ms, 205ms (95ms too short), 410ms");
  EXPECT_EQ(finding.around, finwait::testing::At(1410ms));
}

TEST(Gaps, TooFewFail) {
  EXPECT_EQ(When(FinGaps({204ms, 204ms, 408ms, 816ms}), Ladder()).verdict,
            Verdict::kFail);
}

TEST(Gaps, OfALossyCaptureAreBroken) {
  TimelineBuilder run;
  AddLadder(run);
  run.Raw().packets_dropped = 3;
  Finding finding = When(FinGaps({204ms}), run.Build());
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_THAT(finding.actual, HasSubstr("the capture lost 3 packets"));
}

}  // namespace
}  // namespace finwait::judge
