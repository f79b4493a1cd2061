// Retransmission ladders, against figures measured on Linux 6.18 at HZ=250.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tcp/linux_timing.h"

namespace finwait::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

constexpr int kHz = 250;

// A LAN: RTO 204 ms, the smallest this HZ has.
RetransmissionInputs Lan() { return {.srtt = std::chrono::microseconds(60)}; }

void ExpectWithin(Duration measured, const Ladder& ladder) {
  EXPECT_EQ(ladder.death, ladder.chain.nominal());
  EXPECT_THAT(measured, Ge(ladder.earliest_death));
  EXPECT_THAT(measured, Le(ladder.death + ladder.chain.lateness(kHz)));
}

TEST(Model, DoublesAndThenGrowsByRtoMax) {
  EXPECT_EQ(ModelTimeout(0), milliseconds(200));
  EXPECT_EQ(ModelTimeout(2), milliseconds(1400));
  EXPECT_EQ(ModelTimeout(8), milliseconds(102'200));
  EXPECT_EQ(ModelTimeout(9), milliseconds(204'600));
  EXPECT_EQ(ModelTimeout(15), milliseconds(924'600));
  EXPECT_EQ(ModelTimeout(6, kInitialRto), seconds(127));
  EXPECT_EQ(ModelTimeout(8, kRtoMin, seconds(1)), milliseconds(7400));
}

TEST(OrphanRetries, DieAsMeasured) {
  ExpectWithin(milliseconds(1662), OrphanRetries(1, Lan(), kHz));
  ExpectWithin(milliseconds(3324), OrphanRetries(2, Lan(), kHz));
  ExpectWithin(milliseconds(6777), OrphanRetries(3, Lan(), kHz));
  ExpectWithin(milliseconds(13'428), OrphanRetries(5, Lan(), kHz));
  ExpectWithin(milliseconds(107'540), OrphanRetries(0, Lan(), kHz));
}

TEST(OrphanRetries, AreATailLossProbeAndDoublingTimeouts) {
  Ladder ladder = OrphanRetries(1, Lan(), kHz);
  EXPECT_THAT(
      ladder.retransmissions,
      ElementsAre(milliseconds(204), milliseconds(408), milliseconds(816)));
  EXPECT_EQ(ladder.death, milliseconds(1632));
  EXPECT_EQ(ladder.earliest_death, ladder.death);
}

TEST(OrphanRetries, WithoutTheProbeStartAtOneRto) {
  RetransmissionInputs inputs = Lan();
  inputs.tail_loss_probe = false;
  Ladder ladder = OrphanRetries(2, inputs, kHz);
  EXPECT_THAT(
      ladder.retransmissions,
      ElementsAre(milliseconds(204), milliseconds(612), milliseconds(1428)));
  ExpectWithin(milliseconds(3130), ladder);
}

TEST(OrphanRetries, ProbeWaitsTwoRoundTripsAndTheMinimumRto) {
  Ladder ladder = OrphanRetries(
      1, {.rto = milliseconds(600), .srtt = milliseconds(100)}, kHz);
  EXPECT_EQ(ladder.retransmissions[0], milliseconds(400));
  EXPECT_EQ(ladder.retransmissions[1], milliseconds(1000));
}

TEST(OrphanRetries, ZeroCountsAsEight) {
  EXPECT_EQ(OrphanRetries(0, Lan(), kHz).death,
            OrphanRetries(8, Lan(), kHz).death);
}

TEST(OrphanRetries, ZeroIsZeroOnceTheRtoCannotGrow) {
  RetransmissionInputs inputs = Lan();
  inputs.rto_max = seconds(1);
  // 204 + 204, then 408 + 816 + 1000: the last wait is rto_max.
  Ladder ladder = OrphanRetries(0, inputs, kHz);
  EXPECT_EQ(ladder.death, milliseconds(2632));
  ExpectWithin(milliseconds(2688), ladder);
  ExpectWithin(milliseconds(2719), ladder);
}

TEST(OrphanRetries, EndAtARungJustBelowTheLimitWhenLatenessCarriesItPast) {
  // The fourth rung is due 6.12 s after t1, the limit is 6.2 s. At 250 Hz the
  // four timers take 103 + 208 + 416 + 824 = 1551 jiffies or more: 6.204 s. So
  // 4 retries live no longer than 3 (24 of 24 orphans did so on 6.18).
  Ladder ladder = OrphanRetries(4, Lan(), kHz);
  EXPECT_EQ(ladder.earliest_death, milliseconds(408 + 6200));
  EXPECT_EQ(ladder.death, milliseconds(408 + 6120));
  ExpectWithin(milliseconds(6623), ladder);
  ExpectWithin(milliseconds(6865), ladder);
  EXPECT_EQ(OrphanRetries(3, Lan(), kHz).death, ladder.death);
}

TEST(OrphanRetries, EndAtARungJustBelowTheLimitAt1000HzToo) {
  // RTO 201 ms: the sixth rung is due 25.326 s after t1, the limit 25.4 s.
  Ladder ladder = OrphanRetries(
      6, {.rto = milliseconds(201), .srtt = std::chrono::microseconds(60)},
      1000);
  EXPECT_EQ(ladder.death, milliseconds(402 + 25'326));
  EXPECT_EQ(ladder.earliest_death, milliseconds(402 + 25'400));
}

TEST(OrphanRetries, GiveWayToUserTimeout) {
  RetransmissionInputs inputs = Lan();
  inputs.user_timeout = seconds(3);
  Ladder ladder = OrphanRetries(0, inputs, kHz);
  EXPECT_EQ(ladder.death, milliseconds(3408));
  EXPECT_EQ(ladder.retransmissions.size(), 5u);  // and the FIN itself: 6
  ExpectWithin(milliseconds(3418), ladder);
}

TEST(Retries2, DieAsMeasured) {
  ExpectWithin(milliseconds(6649), Retries2(3, Lan(), kHz));
  ExpectWithin(milliseconds(6730), Retries2(3, Lan(), kHz));
  ExpectWithin(milliseconds(13'390), Retries2(5, Lan(), kHz));
  ExpectWithin(milliseconds(26'710), Retries2(6, Lan(), kHz));
  EXPECT_GE(Retries2(15, Lan(), kHz).death, milliseconds(924'600));
}

TEST(Retries2, MayEndARungEarlyInSomePhasesOfTheWheel) {
  // Due 7.224 s after t1, the limit is 7.4 s, and the timers take between
  // 7.388 s and 7.416 s.
  RetransmissionInputs inputs = Lan();
  inputs.rto_max = seconds(1);
  Ladder ladder = Retries2(8, inputs, kHz);
  EXPECT_EQ(ladder.earliest_death, milliseconds(408 + 7400));
  EXPECT_EQ(ladder.death, milliseconds(408 + 8224));
  // Of 24 sockets on 6.18, 14 ended at 7.811 s to 7.833 s, 10 a rung later.
  ExpectWithin(milliseconds(7811), ladder);
  ExpectWithin(milliseconds(8844), ladder);
}

TEST(Retries2, WithASmallRtoMaxGrowLinearly) {
  RetransmissionInputs inputs = Lan();
  inputs.rto_max = seconds(1);
  ExpectWithin(milliseconds(7830), Retries2(8, inputs, kHz));
  ExpectWithin(milliseconds(14'980), Retries2(15, inputs, kHz));
}

TEST(SynRetries, DoubleFromOneSecond) {
  Ladder ladder = SynRetries(2, 0, kHz);
  EXPECT_THAT(ladder.retransmissions, ElementsAre(seconds(1), seconds(3)));
  EXPECT_EQ(ladder.death, seconds(7));
  ExpectWithin(milliseconds(3040), SynRetries(1, 0, kHz));
  ExpectWithin(milliseconds(7250), ladder);
  ExpectWithin(milliseconds(15'480), SynRetries(3, 0, kHz));
}

TEST(SynRetries, BeginWithLinearOnes) {
  Ladder ladder = SynRetries(2, 1, kHz);
  EXPECT_THAT(ladder.retransmissions,
              ElementsAre(seconds(1), seconds(2), seconds(4)));
  ExpectWithin(milliseconds(8280), ladder);
  ExpectWithin(milliseconds(19'550), SynRetries(3, 4, kHz));
}

TEST(SynRetries, TakeTheirDefaultsTo131Seconds) {
  Ladder ladder = SynRetries(6, 4, kHz);
  EXPECT_EQ(ladder.death, seconds(131));
  EXPECT_EQ(ladder.retransmissions.size(), 10u);
  ExpectWithin(milliseconds(133'450), ladder);
  EXPECT_EQ(SynRetries(6, 0, kHz).death, seconds(127));
}

TEST(SynRetries, EndAtTheModelWhenLinearOnesUseItUp) {
  EXPECT_EQ(SynRetries(1, 4, kHz).death, seconds(3));
  EXPECT_EQ(SynRetries(2, 4, kHz).death, seconds(7));
  EXPECT_EQ(SynRetries(2, 3, kHz).death, seconds(10));
  ExpectWithin(milliseconds(3059), SynRetries(1, 4, kHz));
  ExpectWithin(milliseconds(7136), SynRetries(2, 4, kHz));
  ExpectWithin(milliseconds(10'208), SynRetries(2, 3, kHz));
}

TEST(SynRetries, EndAtUserTimeoutCountedFromTheFirstSyn) {
  Ladder ladder = SynRetries(6, 4, kHz, milliseconds(2500));
  EXPECT_THAT(ladder.retransmissions, ElementsAre(seconds(1), seconds(2)));
  EXPECT_EQ(ladder.death, milliseconds(2500));
  ExpectWithin(milliseconds(2530), ladder);
}

TEST(SynRetries, SendOneRetransmissionWhateverTheUserTimeout) {
  Ladder ladder = SynRetries(6, 4, kHz, milliseconds(500));
  EXPECT_EQ(ladder.death, milliseconds(1004));
  ExpectWithin(milliseconds(1032), ladder);
}

TEST(SynackRetries, LastAsMeasured) {
  ExpectWithin(milliseconds(1010), SynackRetries(0, kHz));
  ExpectWithin(milliseconds(3050), SynackRetries(1, kHz));
  ExpectWithin(milliseconds(7070), SynackRetries(2, kHz));
  EXPECT_EQ(SynackRetries(5, kHz).death, seconds(63));
  EXPECT_THAT(SynackRetries(2, kHz).retransmissions,
              ElementsAre(seconds(1), seconds(3)));
}

TEST(Keepalive, AbortsOneIntervalAfterTheLastProbe) {
  Ladder ladder =
      Keepalive({.idle = seconds(1), .interval = seconds(1), .probes = 3}, kHz);
  EXPECT_THAT(ladder.retransmissions,
              ElementsAre(seconds(1), seconds(2), seconds(3)));
  EXPECT_EQ(ladder.death, seconds(4));
  ExpectWithin(milliseconds(4060), ladder);
}

TEST(Keepalive, UserTimeoutReplacesTheNumberOfProbes) {
  Ladder ladder = Keepalive({.idle = seconds(1),
                             .interval = seconds(1),
                             .probes = 9,
                             .user_timeout = milliseconds(2500)},
                            kHz);
  EXPECT_EQ(ladder.death, seconds(3));
  // One probe at least, however short the timeout.
  ladder = Keepalive({.idle = seconds(1),
                      .interval = seconds(1),
                      .probes = 9,
                      .user_timeout = milliseconds(100)},
                     kHz);
  EXPECT_EQ(ladder.death, seconds(2));
}

}  // namespace
}  // namespace finwait::tcp
