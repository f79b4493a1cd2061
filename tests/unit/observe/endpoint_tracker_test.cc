// Segments propose states, looks confirm or refute them.
#include "observe/endpoint_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/observe/tracked_endpoint.h"

namespace finwait::observe {
namespace {

using testing::ElementsAre;

TEST(EndpointTracker, FollowsAnActiveCloseToTimeWait) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), tcp::kAck, 5000, 1001);
  e.Receives(milliseconds(12), kFinAck, 5000, 1001);
  e.tracker.OnSample(
      Looked(milliseconds(13), TcpState::kTimeWait, tcp::TimerKind::kTimewait));
  EXPECT_THAT(e.Path(), ElementsAre(TcpState::kSynSent, TcpState::kEstablished,
                                    TcpState::kFinWait1, TcpState::kFinWait2,
                                    TcpState::kTimeWait));
  EXPECT_EQ(e.tracker.hole(), "");
}

TEST(EndpointTracker, FinAndAckInOneSegmentPassThroughFinWait2) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), kFinAck, 5000, 1001);
  e.tracker.OnSample(Looked(milliseconds(12), TcpState::kTimeWait));
  EXPECT_THAT(e.Path(), ElementsAre(TcpState::kSynSent, TcpState::kEstablished,
                                    TcpState::kFinWait1, TcpState::kFinWait2,
                                    TcpState::kTimeWait));
}

TEST(EndpointTracker, CrossingFinsGoThroughClosing) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), kFinAck, 5000, 1000);
  e.Receives(milliseconds(12), tcp::kAck, 5001, 1001);
  e.tracker.OnSample(Looked(milliseconds(13), TcpState::kTimeWait));
  EXPECT_EQ(e.Path()[3], TcpState::kClosing);
  EXPECT_EQ(e.Path()[4], TcpState::kTimeWait);
}

TEST(EndpointTracker, FollowsAPassiveClose) {
  Endpoint e;
  e.IsConnectedTo();
  e.Receives(milliseconds(10), kFinAck, 5000, 1000);
  e.Sends(milliseconds(11), kFinAck, 1000, 5001);
  e.Receives(milliseconds(12), tcp::kAck, 5001, 1001);
  e.tracker.OnSample(Looked(milliseconds(13), std::nullopt));
  EXPECT_THAT(e.Path(), ElementsAre(TcpState::kSynRecv, TcpState::kEstablished,
                                    TcpState::kCloseWait, TcpState::kLastAck,
                                    TcpState::kClosed));
  EXPECT_TRUE(e.tracker.finished());
}

TEST(EndpointTracker, AReceivedFinThatWasDroppedIsRolledBack) {
  Endpoint e;
  e.IsConnectedTo();
  EXPECT_TRUE(e.Receives(milliseconds(10), kFinAck, 5000, 1000));
  Duration at = milliseconds(10) + microseconds(20);
  for (int n = 1; n < EndpointTracker::kDoubts; ++n) {
    EXPECT_EQ(e.tracker.OnSample(Looked(at, TcpState::kEstablished)),
              EndpointTracker::Answer::kTooEarly);
    at += milliseconds(5);
  }
  EXPECT_EQ(e.tracker.OnSample(Looked(at, TcpState::kEstablished)),
            EndpointTracker::Answer::kAgrees);
  EXPECT_EQ(e.tracker.supposed(), TcpState::kEstablished);
  EXPECT_EQ(e.tracker.hole(), "");
  // The repetition arrives.
  e.Receives(milliseconds(300), kFinAck, 5000, 1000);
  e.tracker.OnSample(Looked(milliseconds(301), TcpState::kCloseWait));
  EXPECT_EQ(e.tracker.state(), TcpState::kCloseWait);
}

TEST(EndpointTracker, ALookBeforeProcessingIsNotBelievedAtOnce) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), tcp::kAck, 5000, 1001);
  EXPECT_EQ(e.tracker.OnSample(Looked(milliseconds(11), TcpState::kFinWait1)),
            EndpointTracker::Answer::kTooEarly);
  e.tracker.OnSample(Looked(milliseconds(12), TcpState::kFinWait2));
  EXPECT_EQ(e.tracker.state(), TcpState::kFinWait2);
}

TEST(EndpointTracker, ALookAmidATimersHandlerIsNotBelievedAtOnce) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), tcp::kAck | tcp::kPsh, 1000, 5000, 5);
  tcp::Sample look = Looked(milliseconds(214), TcpState::kEstablished);
  look.facts->info = {.unacked = 1};
  EXPECT_EQ(e.tracker.OnSample(look), EndpointTracker::Answer::kTooEarly);
  e.tracker.OnSample(Looked(milliseconds(215), TcpState::kEstablished,
                            tcp::TimerKind::kRetransmit));
  e.Changes(milliseconds(700), TcpState::kEstablished, TcpState::kClosed);
  EXPECT_EQ(e.tracker.transitions().back().cause, "retransmission gave up");
}

TEST(EndpointTracker, ACloseWithoutASegmentIsInserted) {
  Endpoint e;
  e.Connects();
  e.tracker.OnSample(
      Looked(milliseconds(10), TcpState::kFinWait1, tcp::TimerKind::kPersist));
  EXPECT_EQ(e.tracker.state(), TcpState::kFinWait1);
  // Its FIN leaves later and is not a second transition.
  e.Sends(milliseconds(500), kFinAck, 1000, 5000);
  e.Receives(milliseconds(501), tcp::kAck, 5000, 1001);
  e.tracker.OnSample(Looked(milliseconds(502), TcpState::kFinWait2));
  EXPECT_THAT(e.Path(), ElementsAre(TcpState::kSynSent, TcpState::kEstablished,
                                    TcpState::kFinWait1, TcpState::kFinWait2));
}

TEST(EndpointTracker, ADeathLiesBetweenTheLooksAroundIt) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), tcp::kAck, 5000, 1001);
  e.tracker.OnSample(
      Looked(milliseconds(12), TcpState::kFinWait2, tcp::TimerKind::kTimewait));
  e.tracker.OnSample(Looked(milliseconds(5100), TcpState::kFinWait2,
                            tcp::TimerKind::kTimewait));
  e.tracker.OnSample(Looked(milliseconds(5101), std::nullopt));
  e.tracker.OnSample(Looked(milliseconds(5102), std::nullopt));
  const tcp::Transition& death = e.tracker.transitions().back();
  EXPECT_EQ(death.to, TcpState::kClosed);
  EXPECT_EQ(death.earliest, At(milliseconds(5100)));
  EXPECT_EQ(death.latest, At(milliseconds(5101) + microseconds(2)));
  EXPECT_EQ(death.cause, "timewait timer");
}

// A cookie is a SYN|ACK that no socket sent.
TEST(EndpointTracker, ACookieIsNoSynRecv) {
  Endpoint e;
  e.Receives(milliseconds(1), tcp::kSyn, 4999, 0);
  e.Sends(milliseconds(1), tcp::kSyn | tcp::kAck, 999, 5000);
  for (int n = 2; n < 2 + EndpointTracker::kDoubts; ++n) {
    e.Looks(milliseconds(n * 5), std::nullopt);
  }
  EXPECT_TRUE(e.Path().empty());
  EXPECT_EQ(e.tracker.supposed(), TcpState::kClosed);
  EXPECT_TRUE(e.Receives(milliseconds(100), tcp::kAck, 5000, 1000));
  e.Looks(milliseconds(101), TcpState::kEstablished);
  EXPECT_THAT(e.Path(),
              ElementsAre(TcpState::kSynRecv, TcpState::kEstablished));
  EXPECT_EQ(e.tracker.hole(), "");
}

TEST(EndpointTracker, ATimerThatWasNotDueHasEndedNothing) {
  const auto cause = [](Duration left) {
    Endpoint e;
    e.Sends(milliseconds(1), tcp::kSyn, 999, 0);
    tcp::Sample look = Looked(milliseconds(2), TcpState::kSynSent,
                              tcp::TimerKind::kRetransmit);
    look.facts->expires = left;
    e.tracker.OnSample(look);
    e.Looks(milliseconds(900), std::nullopt);
    e.Looks(milliseconds(901), std::nullopt);
    return e.last().cause;
  };
  EXPECT_EQ(cause(milliseconds(800)), "retransmission gave up");
  EXPECT_EQ(cause(milliseconds(1000)), "no segment");
}

TEST(EndpointTracker, AMomentBetweenSocketAndMinisockIsNoDeath) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), tcp::kAck, 5000, 1001);
  EXPECT_EQ(e.tracker.OnSample(Looked(milliseconds(11), std::nullopt)),
            EndpointTracker::Answer::kTooEarly);
  e.tracker.OnSample(
      Looked(milliseconds(12), TcpState::kFinWait2, tcp::TimerKind::kTimewait));
  EXPECT_EQ(e.tracker.state(), TcpState::kFinWait2);
}

TEST(EndpointTracker, AResetEndsTheSocketOnEitherSide) {
  Endpoint sender;
  sender.Connects();
  sender.Sends(milliseconds(10), tcp::kRst | tcp::kAck, 1000, 5000);
  sender.tracker.OnSample(Looked(milliseconds(11), std::nullopt));
  EXPECT_EQ(sender.tracker.transitions().back().cause, "sent RST");
  Endpoint receiver;
  receiver.IsConnectedTo();
  receiver.Receives(milliseconds(10), tcp::kRst | tcp::kAck, 5000, 1000);
  receiver.tracker.OnSample(Looked(milliseconds(11), std::nullopt));
  EXPECT_EQ(receiver.tracker.transitions().back().cause, "received RST");
}

TEST(EndpointTracker, ARepetitionAsksForALook) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), kFinAck, 1000, 5000);
  e.tracker.OnSample(Looked(milliseconds(11), TcpState::kFinWait1,
                            tcp::TimerKind::kRetransmit));
  EXPECT_TRUE(e.Sends(milliseconds(220), kFinAck, 1000, 5000));
}

TEST(EndpointTracker, BulkDataAsksForNoLook) {
  Endpoint e;
  e.Connects();
  EXPECT_FALSE(e.Sends(milliseconds(10), tcp::kAck, 1000, 5000, 1448));
  EXPECT_FALSE(e.Receives(milliseconds(11), tcp::kAck, 5000, 2448));
}

TEST(EndpointTracker, AFinIsTightUnlessDataIsInFlight) {
  Endpoint idle;
  idle.Connects();
  idle.Sends(milliseconds(1000), kFinAck, 1000, 5000);
  idle.tracker.OnSample(Looked(milliseconds(1001), TcpState::kFinWait1));
  EXPECT_EQ(idle.tracker.transitions().back().earliest, At(milliseconds(999)));
  Endpoint busy;
  busy.Connects();
  busy.Sends(milliseconds(500), tcp::kAck, 1000, 5000, 100);
  busy.Sends(milliseconds(1000), kFinAck, 1100, 5000);
  busy.tracker.OnSample(Looked(milliseconds(1001), TcpState::kFinWait1));
  EXPECT_LT(busy.tracker.transitions().back().earliest, At(milliseconds(999)));
}

TEST(EndpointTracker, ALateLookDoesNotBlurWhatASegmentCaused) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), tcp::kAck, 5000, 1001);
  e.tracker.OnSample(Looked(milliseconds(500), TcpState::kFinWait2));
  EXPECT_EQ(e.tracker.transitions().back().latest, At(milliseconds(12)));
}

TEST(EndpointTracker, ALookThatContradictsASegmentDoes) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), tcp::kAck, 5000, 1001);
  e.tracker.OnSample(Looked(milliseconds(20), TcpState::kFinWait1));
  e.tracker.OnSample(Looked(milliseconds(25), TcpState::kFinWait2));
  EXPECT_GE(e.tracker.transitions().back().latest, At(milliseconds(25)));
}

TEST(EndpointTracker, WhatACallChangesWithoutASegmentIsNotEarlier) {
  Endpoint e;
  e.Connects();
  e.tracker.OnCall(At(milliseconds(100)));
  e.tracker.OnSample(Looked(milliseconds(101), TcpState::kFinWait1));
  EXPECT_EQ(e.tracker.transitions().back().earliest, At(milliseconds(100)));
}

// netem delays what a capture sees of the sender, not the sender.
TEST(EndpointTracker, ConnectTellsWhenAQueuedSynWasSent) {
  Endpoint e;
  e.tracker.ExpectQueue();
  e.Sends(milliseconds(60), tcp::kSyn, 999, 0);
  e.tracker.OnSample(Looked(milliseconds(61), TcpState::kSynSent));
  EXPECT_EQ(e.tracker.transitions()[0].earliest, At(Duration::zero()));
  e.Receives(milliseconds(70), kSynAck, 4999, 1000);
  e.tracker.OnCall(At(milliseconds(10)));  // connect() returns
  e.tracker.OnSample(Looked(milliseconds(71), TcpState::kEstablished));
  const tcp::Transition& first = e.tracker.transitions()[0];
  EXPECT_EQ(first.earliest, At(milliseconds(10)));
  EXPECT_EQ(first.at, At(milliseconds(10)));
  EXPECT_LE(first.latest, At(milliseconds(11)));
}

TEST(EndpointTracker, AQueuedSynAckDoesNotDelaySynRecv) {
  Endpoint e;
  e.tracker.ExpectQueue();
  e.Receives(milliseconds(10), tcp::kSyn, 4999, 0);
  e.Sends(milliseconds(60), kSynAck, 999, 5000);
  e.tracker.OnSample(Looked(milliseconds(61), TcpState::kSynRecv));
  EXPECT_EQ(e.tracker.transitions()[0].at, At(milliseconds(10)));
  EXPECT_LE(e.tracker.transitions()[0].latest, At(milliseconds(11)));
}

TEST(EndpointTracker, AnyOfSeveralSynsMayBeTheAcceptedOne) {
  Endpoint e;
  e.Receives(milliseconds(10), tcp::kSyn, 4999, 0);
  e.Receives(milliseconds(1010), tcp::kSyn, 4999, 0);
  e.Sends(milliseconds(1011), kSynAck, 999, 5000);
  e.tracker.OnSample(Looked(milliseconds(1012), TcpState::kSynRecv));
  EXPECT_EQ(e.tracker.transitions()[0].earliest, At(milliseconds(10)));
  EXPECT_EQ(e.tracker.transitions()[0].latest, At(milliseconds(1011)));
}

TEST(EndpointTracker, AQueuedFinMayHaveBeenSentSinceTheLastLook) {
  Endpoint e;
  e.tracker.ExpectQueue();
  e.Connects();
  e.Sends(milliseconds(60), kFinAck, 1000, 5000);
  e.tracker.OnSample(Looked(milliseconds(61), TcpState::kFinWait1));
  const tcp::Transition& last = e.tracker.transitions().back();
  EXPECT_EQ(last.earliest, At(milliseconds(3)));
  EXPECT_EQ(last.latest, At(milliseconds(60)));
}

TEST(EndpointTracker, OneSegmentCausesTwoTransitionsOneAfterTheOther) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), kFinAck, 5000, 1001);
  e.tracker.OnSample(Looked(milliseconds(11) + microseconds(100),
                            TcpState::kTimeWait, tcp::TimerKind::kTimewait));
  const auto& path = e.tracker.transitions();
  ASSERT_EQ(path.size(), 5U);
  EXPECT_EQ(path[3].to, TcpState::kFinWait2);
  EXPECT_EQ(path[3].latest, At(milliseconds(11) + microseconds(102)));
}

// FINs that cross: the peer's comes while ours is not seen yet.
const std::vector<TcpState> kCrossed = {
    TcpState::kSynSent, TcpState::kEstablished, TcpState::kFinWait1,
    TcpState::kClosing, TcpState::kTimeWait};

TEST(EndpointTracker, AFinThatDoesNotAcknowledgeThePeersWasSentBefore) {
  Endpoint e;
  e.Connects();
  e.Receives(milliseconds(10), kFinAck, 5000, 1000);
  e.Sends(milliseconds(10) + microseconds(3), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), tcp::kAck, 5001, 1001);
  e.tracker.OnSample(Looked(milliseconds(12), TcpState::kTimeWait));
  EXPECT_EQ(e.Path(), kCrossed);
  const tcp::Transition& fin_wait1 = e.tracker.transitions()[2];
  EXPECT_EQ(fin_wait1.earliest, At(milliseconds(3)));
  EXPECT_EQ(fin_wait1.latest, At(milliseconds(10) + microseconds(3)));
}

TEST(EndpointTracker, ClosingWhileOurFinIsQueuedWasFinWait1Before) {
  Endpoint e;
  e.Connects();
  e.Receives(milliseconds(10), kFinAck, 5000, 1000);
  e.tracker.OnSample(Looked(milliseconds(11), TcpState::kClosing));
  e.Sends(milliseconds(20), kFinAck, 1000, 5000);
  e.Receives(milliseconds(30), tcp::kAck, 5001, 1001);
  e.tracker.OnSample(Looked(milliseconds(31), TcpState::kTimeWait));
  EXPECT_EQ(e.Path(), kCrossed);
  EXPECT_TRUE(e.tracker.hole().empty());
}

TEST(EndpointTracker, FinWait1WhileOurFinIsQueuedMayBecomeClosing) {
  Endpoint e;
  e.Connects();
  e.Receives(milliseconds(10), kFinAck, 5000, 1000);
  EXPECT_EQ(e.tracker.OnSample(Looked(milliseconds(10), TcpState::kFinWait1)),
            EndpointTracker::Answer::kTooEarly);
  e.Sends(milliseconds(20), kFinAck, 1000, 5000);
  e.Receives(milliseconds(30), tcp::kAck, 5001, 1001);
  e.tracker.OnSample(Looked(milliseconds(31), TcpState::kTimeWait));
  EXPECT_EQ(e.Path(), kCrossed);
}

TEST(EndpointTracker, AnotherSynOfOursProvesThatTheSocketIsGone) {
  Endpoint e;
  e.Connects();
  e.Receives(milliseconds(10), tcp::kRst, 5000, 0);
  const tcp::Packet again{
      .at = At(milliseconds(11)), .sent = true, .flags = tcp::kSyn, .seq = 999};
  tcp::Packet another = again;
  another.seq = 70000;
  EXPECT_FALSE(e.tracker.IsOverBy(again));
  EXPECT_TRUE(e.tracker.IsOverBy(another));
  e.tracker.EndBy(another);
  EXPECT_EQ(e.tracker.state(), TcpState::kClosed);
  EXPECT_FALSE(e.tracker.IsOverBy(another)) << "known to be over";
}

TEST(EndpointTracker, AnotherConnectionEndsTimeWaitThatNoLookHasSeen) {
  Endpoint e;
  e.Connects();
  e.Sends(milliseconds(10), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), kFinAck, 5000, 1001);
  const tcp::Packet syn_ack{
      .at = At(milliseconds(12)), .sent = true, .flags = kSynAck, .seq = 70000};
  ASSERT_TRUE(e.tracker.IsOverBy(syn_ack));
  e.tracker.EndBy(syn_ack);
  EXPECT_THAT(e.Path(), ElementsAre(TcpState::kSynSent, TcpState::kEstablished,
                                    TcpState::kFinWait1, TcpState::kFinWait2,
                                    TcpState::kTimeWait, TcpState::kClosed));
  EXPECT_FALSE(e.tracker.in_doubt());
}

TEST(EndpointTracker, AnImpossibleJumpIsAHole) {
  Endpoint e;
  e.Connects();
  e.tracker.OnSample(Looked(milliseconds(10), TcpState::kTimeWait));
  EXPECT_EQ(e.tracker.hole(),
            "states between ESTABLISHED and TIME_WAIT were not observed");
}

}  // namespace
}  // namespace finwait::observe
