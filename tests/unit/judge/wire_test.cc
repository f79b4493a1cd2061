// What packets decide: their number, and how a connection ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/judge/scenario_builder.h"

namespace finwait::judge {
namespace {

using finwait::testing::EndpointBuilder;
using finwait::testing::JudgeOne;
using finwait::testing::kReceived;
using finwait::testing::kSent;
using finwait::testing::OnClient;
using finwait::testing::TimelineBuilder;
using scenario::Ending;
using scenario::PacketExpectation;
using ::testing::HasSubstr;
using namespace std::chrono_literals;
using enum tcp::TcpState;

constexpr scenario::CountBound kNone{0, 0};
constexpr scenario::CountBound kOne{1, 1};
constexpr scenario::CountBound kSome{1, INT64_MAX};

// A client that closes at 1 s, is in FIN_WAIT2 from 1.04 s, and dies without
// a segment at 6.1 s.
EndpointBuilder& AddOrphan(TimelineBuilder& run) {
  return run.Endpoint("client", "conn")
      .Enter(kSynSent, 0s)
      .Packet(0s, kSent, tcp::kSyn)
      .Packet(1ms, kReceived, tcp::kSyn | tcp::kAck)
      .Enter(kEstablished, 1ms)
      .Packet(1ms, kSent, tcp::kAck)
      .Packet(500ms, kSent, tcp::kPsh | tcp::kAck, 100)
      .Enter(kFinWait1, 1s)
      .Packet(1s, kSent, tcp::kFin | tcp::kAck)
      .Packet(1040ms, kReceived, tcp::kAck)
      .Enter(kFinWait2, 1040ms)
      .Enter(kClosed, 6100ms, "timewait timer");
}

tcp::Timeline Orphan() {
  TimelineBuilder run;
  AddOrphan(run);
  return run.Build();
}

Finding Count(PacketExpectation packets, const tcp::Timeline& timeline) {
  auto expected = OnClient();
  expected.packets.push_back(std::move(packets));
  return JudgeOne(expected, timeline);
}

TEST(Packets, MatchAllNamedFlags) {
  EXPECT_EQ(Count({.sent = true, .flags = tcp::kFin, .count = kOne}, Orphan())
                .verdict,
            Verdict::kPass);
  EXPECT_EQ(
      Count({.sent = true, .flags = tcp::kFin | tcp::kRst, .count = kNone},
            Orphan())
          .verdict,
      Verdict::kPass);
}

TEST(Packets, FailureListsThem) {
  Finding finding =
      Count({.sent = true, .flags = tcp::kFin, .count = kNone}, Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.expected, "0 FIN sent");
  EXPECT_EQ(finding.actual, "1: sent FIN|ACK at 1s");
  EXPECT_EQ(Count({.sent = false, .flags = tcp::kRst, .count = kSome}, Orphan())
                .actual,
            "none");
}

TEST(Packets, TellPayload) {
  EXPECT_EQ(Count({.payload = true, .count = kOne}, Orphan()).actual,
            "1: sent PSH|ACK with 100 bytes at 500ms");
}

TEST(Packets, DuringAStateAreThoseInside) {
  EXPECT_EQ(
      Count({.payload = true, .count = kOne, .during = kEstablished}, Orphan())
          .verdict,
      Verdict::kPass);
  EXPECT_EQ(
      Count({.payload = true, .count = kSome, .during = kFinWait2}, Orphan())
          .verdict,
      Verdict::kFail);
}

// The ACK that begins FIN_WAIT2 may count or not.
TEST(Packets, AtTheBoundAreGivenTheBenefitOfTheDoubt) {
  EXPECT_EQ(Count({.count = kNone, .during = kFinWait2}, Orphan()).verdict,
            Verdict::kPass);
  Finding finding = Count({.count = kOne, .during = kFinWait2}, Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.actual, "0 to 1: received ACK at 1.04s");
}

// Only as long as the bound is no wider than a capture's stamp is off.
TEST(Packets, AtAWideBoundAreTooImprecise) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kEstablished, 0s)
      .Enter(kFinWait2, 1s, "", 20ms)
      .Packet(1010ms, kReceived, tcp::kAck);
  tcp::Timeline timeline = run.Build();
  Finding finding = Count({.count = kNone, .during = kFinWait2}, timeline);
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_THAT(finding.actual, HasSubstr("too imprecise: a change of state is "
                                        "known to 30ms only"));
  EXPECT_EQ(Count({.count = {0, 1}, .during = kFinWait2}, timeline).verdict,
            Verdict::kPass);
}

// What is sent just after a wide bound is hardly in doubt: it was sent in the
// state that it began.
TEST(Packets, AreInDoubtByAsMuchAsTheyMayBeWrong) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kSynSent, 1s, "sent SYN", 20ms)
      .Packet(1s + 19500us, kSent, tcp::kSyn);
  tcp::Timeline timeline = run.Build();
  EXPECT_EQ(Count({.count = kOne, .during = kSynSent}, timeline).verdict,
            Verdict::kPass);
  EXPECT_EQ(Count({.count = kNone, .during = kSynSent}, timeline).verdict,
            Verdict::kPass);
}

TEST(Packets, AfterClosedAreThoseSinceIt) {
  TimelineBuilder run;
  AddOrphan(run).Packet(7s, kReceived, tcp::kFin | tcp::kAck);
  EXPECT_EQ(
      Count({.flags = tcp::kFin, .count = kOne, .after = kClosed}, run.Build())
          .verdict,
      Verdict::kPass);
  EXPECT_EQ(Count({.count = kNone, .after = kClosed}, Orphan()).verdict,
            Verdict::kPass);
}

TEST(Packets, ScopeThatNeverWasFails) {
  Finding finding = Count({.count = kNone, .during = kTimeWait}, Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_THAT(finding.actual, HasSubstr("was never in TIME_WAIT"));
  TimelineBuilder run;
  run.Endpoint("client", "conn").Enter(kSynSent, 0s);
  EXPECT_THAT(Count({.count = kNone, .after = kSynSent}, run.Build()).actual,
              HasSubstr("never left SYN_SENT"));
}

TEST(Packets, LossyCaptureCannotProveAbsence) {
  TimelineBuilder run;
  AddOrphan(run);
  run.Raw().packets_dropped = 3;
  tcp::Timeline timeline = run.Build();
  EXPECT_EQ(Count({.flags = tcp::kRst, .count = kNone}, timeline).verdict,
            Verdict::kBroken);
  EXPECT_EQ(Count({.flags = tcp::kRst, .count = kSome}, timeline).verdict,
            Verdict::kBroken);
  EXPECT_EQ(Count({.flags = tcp::kFin, .count = kSome}, timeline).verdict,
            Verdict::kPass);
  EXPECT_EQ(Count({.flags = tcp::kFin, .count = kNone}, timeline).verdict,
            Verdict::kFail);
}

TEST(Packets, BulkDataLeftOutSparesTheFlagsThatAreKept) {
  tcp::Timeline timeline = Orphan();
  timeline.endpoints[0].packets_not_kept = 5000;
  EXPECT_EQ(Count({.flags = tcp::kRst, .count = kNone}, timeline).verdict,
            Verdict::kPass);
  EXPECT_EQ(Count({.payload = true, .count = kOne}, timeline).verdict,
            Verdict::kBroken);
}

// --- the end ---------------------------------------------------------------

Finding Ends(Ending ending, const tcp::Timeline& timeline) {
  auto expected = OnClient();
  expected.ends = ending;
  return JudgeOne(expected, timeline);
}

TEST(Ends, Silently) {
  Finding finding = Ends(Ending::kSilently, Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.actual,
            "left FIN_WAIT2 at 6.1s (timewait timer): no packet either way");
  EXPECT_EQ(Ends(Ending::kFin, Orphan()).verdict, Verdict::kFail);
  EXPECT_EQ(Ends(Ending::kSentReset, Orphan()).verdict, Verdict::kFail);
}

TEST(Ends, WithAReset) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kEstablished, 0s)
      .Enter(kClosed, 1s, "sent RST")
      .Packet(1s, kSent, tcp::kRst | tcp::kAck);
  EXPECT_EQ(Ends(Ending::kSentReset, run.Build()).verdict, Verdict::kPass);
  EXPECT_EQ(Ends(Ending::kReceivedReset, run.Build()).verdict, Verdict::kFail);
  EXPECT_EQ(Ends(Ending::kSilently, run.Build()).verdict, Verdict::kFail);
}

TEST(Ends, WithAResetThatNetemHeldBack) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kEstablished, 0s)
      .Enter(kClosed, 1s)
      .Packet(1100ms, kSent, tcp::kRst | tcp::kAck);
  EXPECT_EQ(Ends(Ending::kSentReset, run.Build()).verdict, Verdict::kPass);
  EXPECT_EQ(Ends(Ending::kSilently, run.Build()).verdict, Verdict::kFail);
}

// The host answers the peer's late FIN; the connection was gone before.
TEST(Ends, SilentlyThoughALateSegmentIsAnswered) {
  TimelineBuilder run;
  AddOrphan(run)
      .Packet(8s, kReceived, tcp::kFin | tcp::kAck)
      .Packet(8s, kSent, tcp::kRst);
  EXPECT_EQ(Ends(Ending::kSilently, run.Build()).verdict, Verdict::kPass);
  EXPECT_EQ(Ends(Ending::kSentReset, run.Build()).verdict, Verdict::kFail);
}

// The kernel told when the socket ended: what comes in right after is too late.
TEST(Ends, SilentlyThoughASegmentIsAnsweredAtOnce) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kFinWait2, 0s)
      .Enter(kClosed, 2s, "timewait timer", 20us)
      .By(tcp::Source::kTracepoint)
      .Packet(2s + 200us, kReceived, tcp::kFin | tcp::kAck)
      .Packet(2s + 210us, kSent, tcp::kRst);
  EXPECT_EQ(Ends(Ending::kSilently, run.Build()).verdict, Verdict::kPass);
  EXPECT_EQ(Ends(Ending::kSentReset, run.Build()).verdict, Verdict::kFail);
}

TEST(Ends, ByReceivingAReset) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kEstablished, 0s)
      .Packet(1s, kReceived, tcp::kRst)
      .Enter(kClosed, 1s, "received RST");
  EXPECT_EQ(Ends(Ending::kReceivedReset, run.Build()).verdict, Verdict::kPass);
  EXPECT_EQ(Ends(Ending::kSentReset, run.Build()).verdict, Verdict::kFail);
}

TEST(Ends, ByFinWhenTimeWaitIsOver) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kFinWait1, 0s)
      .Packet(0s, kSent, tcp::kFin | tcp::kAck)
      .Packet(1ms, kReceived, tcp::kFin | tcp::kAck)
      .Enter(kTimeWait, 1ms)
      .Enter(kClosed, 61s, "timewait timer");
  EXPECT_EQ(Ends(Ending::kFin, run.Build()).verdict, Verdict::kPass);
  EXPECT_EQ(Ends(Ending::kSilently, run.Build()).verdict, Verdict::kPass);
}

TEST(Ends, ByFinWhenTheLastAckComes) {
  TimelineBuilder run;
  auto& server = run.Endpoint("client", "conn")
                     .Packet(0s, kReceived, tcp::kFin | tcp::kAck)
                     .Enter(kLastAck, 1ms)
                     .Packet(1ms, kSent, tcp::kFin | tcp::kAck);
  server.Enter(kClosed, 2s, "retransmission gave up");
  EXPECT_EQ(Ends(Ending::kFin, run.Build()).verdict, Verdict::kFail);
  server.Packet(2s, kReceived, tcp::kAck);
  EXPECT_EQ(Ends(Ending::kFin, run.Build()).verdict, Verdict::kPass);
}

TEST(Ends, NotAtAllFails) {
  TimelineBuilder run;
  run.Endpoint("client", "conn").Enter(kEstablished, 0s);
  Finding finding = Ends(Ending::kSilently, run.Build());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "still in ESTABLISHED when the run ended");
}

TEST(Ends, ByTheTimerThatWasDue) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kFinWait2, 1s)
      .Look(1s, 0, tcp::TimerKind::kTimewait, 5s)
      .Enter(kClosed, 6100ms);
  Finding finding = Ends(Ending::kTimer, run.Build());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.actual,
            "left FIN_WAIT2 at 6.1s: no packet either way; timer timewait due "
            "at 6s");
}

TEST(Ends, SilentlyButBeforeTheTimerWasDue) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kFinWait2, 1s)
      .Look(1s, 0, tcp::TimerKind::kTimewait, 5s)
      .Enter(kClosed, 3s);
  EXPECT_EQ(Ends(Ending::kSilently, run.Build()).verdict, Verdict::kPass);
  EXPECT_EQ(Ends(Ending::kTimer, run.Build()).verdict, Verdict::kFail);
}

// A full socket's timer, of which the kernel does not tell.
TEST(Ends, ByTheTimerThatABusyMachineMadeLate) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kSynSent, 1s)
      .Look(1s, 0, tcp::TimerKind::kRetransmit, 1s)
      .Enter(kClosed, 2074ms);
  auto expected = OnClient();
  expected.ends = Ending::kTimer;
  judge::Environment real = finwait::testing::DefaultEnvironment();
  real.virtual_time = false;
  EXPECT_EQ(JudgeOne(expected, run.Build(), real).verdict, Verdict::kFail);
  run.Raw().sources.push_back({.name = "any", .late_timer = 38ms});
  EXPECT_EQ(JudgeOne(expected, run.Build(), real).verdict, Verdict::kPass);
  EXPECT_EQ(JudgeOne(expected, run.Build()).verdict, Verdict::kFail);
}

TEST(Ends, ByTheTimerThatTheKernelSawFire) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kFinWait2, 1s)
      .Armed(1s, 5s, 6100ms)
      .Fired(6100ms)
      .Enter(kClosed, 6100ms);
  EXPECT_THAT(Ends(Ending::kTimer, run.Build()).actual,
              HasSubstr("armed its timer for 5s at 1s, slot of the wheel at "
                        "6.1s, fired at 6.1s"));
}

// A segment within a wide interval came before the end or after it.
TEST(Ends, InAWideIntervalIsTooImprecise) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kFinWait2, 1s)
      .Packet(6s, kReceived, tcp::kAck)
      .Enter(kClosed, 6s, "", 50ms);
  Finding finding = Ends(Ending::kSilently, run.Build());
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_THAT(finding.actual, HasSubstr("ended between 5.95s and 6.05s"));
}

TEST(Ends, SilenceOfALossyCaptureIsBroken) {
  TimelineBuilder run;
  AddOrphan(run);
  run.Raw().packets_dropped = 1;
  EXPECT_EQ(Ends(Ending::kSilently, run.Build()).verdict, Verdict::kBroken);
}

}  // namespace
}  // namespace finwait::judge
