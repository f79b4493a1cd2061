// Events of the kernel tell when, segments why, and looks what no event tells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cerrno>

#include "tcp/linux_timing.h"
#include "unit/observe/tracked_endpoint.h"

namespace finwait::observe {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

constexpr TcpState kClosed = TcpState::kClosed;
constexpr TcpState kSynSent = TcpState::kSynSent;
constexpr TcpState kSynRecv = TcpState::kSynRecv;
constexpr TcpState kEstablished = TcpState::kEstablished;
constexpr TcpState kFinWait1 = TcpState::kFinWait1;
constexpr TcpState kFinWait2 = TcpState::kFinWait2;
constexpr TcpState kClosing = TcpState::kClosing;
constexpr TcpState kTimeWait = TcpState::kTimeWait;
constexpr TcpState kCloseWait = TcpState::kCloseWait;
constexpr TcpState kLastAck = TcpState::kLastAck;

constexpr auto kTimewaitTimer = tcp::TimerKind::kTimewait;

// Connected, and closed by a process at 10 ms.
Endpoint Closed() {
  Endpoint e;
  e.Changes(milliseconds(1), kClosed, kSynSent);
  e.Changes(milliseconds(2), kSynSent, kEstablished);
  e.Changes(milliseconds(10), kEstablished, kFinWait1);
  return e;
}

// An orphan in FIN_WAIT2 since 12 ms, its minisock told or not.
Endpoint Orphan(bool with_timers) {
  Endpoint e = Closed();
  e.Changes(milliseconds(12), kFinWait1, kFinWait2);
  if (with_timers) {
    e.Arms(milliseconds(12) + microseconds(2), kFinWait2, seconds(1));
  }
  e.Changes(milliseconds(12) + microseconds(4), kFinWait2, kClosed);
  return e;
}

// ---- an event, a segment and a look tell of one change ----

TEST(EndpointTrackerEvents, ConfirmWhatASegmentProposed) {
  Endpoint e;
  e.Changes(milliseconds(1), kClosed, kSynSent);
  e.Receives(milliseconds(2), kSynAck, 4999, 1000);
  EXPECT_EQ(e.tracker.state(), kSynSent);
  e.Changes(milliseconds(2) + microseconds(5), kSynSent, kEstablished);
  EXPECT_EQ(e.tracker.state(), kEstablished);
  EXPECT_FALSE(e.tracker.in_doubt());
  EXPECT_EQ(e.last().at, At(milliseconds(2) + microseconds(5)));
  EXPECT_EQ(e.last().earliest, e.last().at);
  EXPECT_EQ(e.last().source, tcp::Source::kSockops);
  EXPECT_EQ(e.last().cause, "received SYN|ACK");
}

TEST(EndpointTrackerEvents, AreExplainedByTheFinThatFollows) {
  Endpoint e = Closed();
  EXPECT_EQ(e.last().cause, "close() or shutdown()");
  e.Sends(milliseconds(10) + microseconds(7), kFinAck, 1000, 5000);
  EXPECT_EQ(e.last().cause, "sent FIN");
  EXPECT_EQ(e.last().at, At(milliseconds(10)));
  EXPECT_FALSE(e.tracker.in_doubt());
}

TEST(EndpointTrackerEvents, AreExplainedByTheRstThatFollows) {
  Endpoint e;
  e.Changes(milliseconds(1), kClosed, kSynSent);
  e.Changes(milliseconds(2), kSynSent, kEstablished);
  e.Changes(milliseconds(10), kEstablished, kClosed);
  e.Sends(milliseconds(10) + microseconds(7), tcp::kRst, 1000, 5000);
  EXPECT_EQ(e.last().cause, "sent RST");
  EXPECT_TRUE(e.tracker.finished());
}

TEST(EndpointTrackerEvents, SayNothingNewWhenTheStateIsAlreadyThere) {
  Endpoint e = Closed();
  const std::size_t before = e.tracker.transitions().size();
  e.Changes(milliseconds(11), kFinWait1, kFinWait1);
  EXPECT_EQ(e.tracker.transitions().size(), before);
  e.Changes(milliseconds(12), kFinWait1, kFinWait2);
  EXPECT_EQ(e.tracker.hole(), "");
}

TEST(EndpointTrackerEvents, ASegmentLongAfterExplainsNothing) {
  Endpoint e = Closed();
  e.Sends(milliseconds(200), kFinAck, 1000, 5000);
  EXPECT_EQ(e.last().cause, "close() or shutdown()");
}

TEST(EndpointTrackerEvents, MakeExactWhatALookHasSeenBefore) {
  Endpoint e;
  e.Connects();
  e.Looks(milliseconds(10), kFinWait1);
  EXPECT_EQ(e.last().source, tcp::Source::kDiag);
  e.Changes(milliseconds(10) - microseconds(40), kEstablished, kFinWait1);
  EXPECT_THAT(e.Path(), ElementsAre(kSynSent, kEstablished, kFinWait1));
  EXPECT_EQ(e.last().at, At(milliseconds(10) - microseconds(40)));
  EXPECT_EQ(e.last().source, tcp::Source::kSockops);
}

TEST(EndpointTrackerEvents, OfAReceivedRstSayWhoSentIt) {
  Endpoint e;
  e.Connects();
  e.Receives(milliseconds(10), tcp::kRst, 5000, 1000);
  e.Changes(milliseconds(10) + microseconds(4), kEstablished, kClosed);
  EXPECT_EQ(e.last().cause, "received RST");
  Endpoint without_segments;
  without_segments.Connects();
  without_segments.Changes(milliseconds(10), kEstablished, kClosed, ECONNRESET,
                           tcp::Source::kTracepoint);
  EXPECT_EQ(without_segments.last().cause, "received RST");
}

TEST(EndpointTrackerEvents, OfTheEndOfLastAckKnowAnAckFromATimeout) {
  const auto ends = [](int error) {
    Endpoint e;
    e.IsConnectedTo();
    e.Changes(milliseconds(10), kEstablished, kCloseWait);
    e.Changes(milliseconds(11), kCloseWait, kLastAck);
    e.Looks(milliseconds(12), kLastAck, tcp::TimerKind::kRetransmit);
    e.Changes(milliseconds(900), kLastAck, kClosed, error,
              tcp::Source::kTracepoint);
    return e.last().cause;
  };
  EXPECT_EQ(ends(0), "received ACK of FIN");
  EXPECT_EQ(ends(ETIMEDOUT), "retransmission gave up");
}

TEST(EndpointTrackerEvents, OfTheEndOfLastAckAreExplainedByItsAck) {
  Endpoint e;
  e.IsConnectedTo();
  e.Changes(milliseconds(10), kEstablished, kCloseWait);
  e.Changes(milliseconds(11), kCloseWait, kLastAck);
  e.Sends(milliseconds(11) + microseconds(5), kFinAck, 1000, 5001);
  e.Changes(milliseconds(12), kLastAck, kClosed);
  e.Receives(milliseconds(12) - microseconds(5), tcp::kAck, 5001, 1001);
  EXPECT_EQ(e.last().cause, "received ACK of FIN");
}

// ---- minisocks ----

TEST(EndpointTrackerEvents, OfAnOrphanTellOfItsMinisock) {
  Endpoint e = Orphan(/*with_timers=*/true);
  EXPECT_EQ(e.tracker.state(), kFinWait2);
  EXPECT_FALSE(e.tracker.in_doubt());
  EXPECT_EQ(e.tracker.slot(), At(milliseconds(1042) + microseconds(2)));
  e.Fires(milliseconds(1043), kFinWait2);
  EXPECT_TRUE(e.tracker.finished());
  EXPECT_EQ(e.last().from, kFinWait2);
  EXPECT_EQ(e.last().at, At(milliseconds(1043)));
  EXPECT_EQ(e.last().cause, "timewait timer");
}

// The record of the firing may be missing, and the looks far apart.
TEST(EndpointTrackerEvents, OfAMinisocksTimerSayWhenItCannotHaveFired) {
  Endpoint e = Orphan(/*with_timers=*/true);
  const TimePoint slot = *e.tracker.slot();
  e.Looks(milliseconds(13), kFinWait2, kTimewaitTimer);
  e.Looks(milliseconds(1050), std::nullopt);
  e.Looks(milliseconds(1051), std::nullopt);
  EXPECT_TRUE(e.tracker.finished());
  EXPECT_EQ(e.last().cause, "timewait timer");
  EXPECT_EQ(e.last().earliest, slot - tcp::kLongestJiffy);
  EXPECT_LE(e.last().latest, At(milliseconds(1051)));
}

TEST(EndpointTrackerEvents, WithoutTimersLeaveItToALookWhatFollows) {
  Endpoint e = Orphan(/*with_timers=*/false);
  EXPECT_TRUE(e.tracker.in_doubt());
  e.Looks(milliseconds(13), kFinWait2, kTimewaitTimer);
  EXPECT_EQ(e.tracker.state(), kFinWait2);
  EXPECT_FALSE(e.tracker.in_doubt());
}

TEST(EndpointTrackerEvents, ALookMayFindTimeWaitInTheSocketsPlace) {
  Endpoint e = Closed();
  e.Changes(milliseconds(12), kFinWait1, kFinWait2);
  e.Changes(milliseconds(20), kFinWait2, kClosed);
  e.Looks(milliseconds(21), kTimeWait, kTimewaitTimer);
  EXPECT_EQ(e.tracker.state(), kTimeWait);
  // The minisock is there before the socket says goodbye; or it was one in
  // FIN_WAIT2 first, and a FIN came.
  EXPECT_LT(e.last().earliest, At(milliseconds(20)));
  EXPECT_GE(e.last().latest, At(milliseconds(21)));
}

TEST(EndpointTrackerEvents, AFinThatCameBeforeMakesTimeWaitExact) {
  Endpoint e = Closed();
  e.Changes(milliseconds(12), kFinWait1, kFinWait2);
  e.Receives(milliseconds(20), kFinAck, 5000, 1001);
  e.Changes(milliseconds(20) + microseconds(9), kFinWait2, kClosed);
  e.Looks(milliseconds(21), kTimeWait, kTimewaitTimer);
  EXPECT_EQ(e.last().cause, "received FIN");
  EXPECT_LE(e.last().latest, At(milliseconds(20) + microseconds(40)));
}

// The kernel tells of the end of a full socket before it takes it away.
TEST(EndpointTrackerEvents, TheFullSocketIsNotWhatComesAfterIt) {
  Endpoint e = Closed();
  e.Changes(milliseconds(12), kFinWait1, kFinWait2);
  e.Sends(milliseconds(20), tcp::kRst, 1001, 5000);
  e.Changes(milliseconds(20) + microseconds(9), kFinWait2, kClosed);
  EXPECT_EQ(e.Looks(milliseconds(20) + microseconds(30), kFinWait2,
                    tcp::TimerKind::kKeepalive),
            EndpointTracker::Answer::kTooEarly);
  e.Looks(milliseconds(21), std::nullopt);
  e.Looks(milliseconds(22), std::nullopt);
  EXPECT_TRUE(e.tracker.finished());
  EXPECT_EQ(e.last().cause, "sent RST");
  EXPECT_GE(e.last().earliest, At(milliseconds(20) - microseconds(20)));
}

TEST(EndpointTrackerEvents, NothingInTheSocketsPlaceIsBelievedTheSecondTime) {
  Endpoint e = Closed();
  e.Changes(milliseconds(12), kFinWait1, kFinWait2);
  e.Changes(milliseconds(20), kFinWait2, kClosed);
  EXPECT_EQ(e.Looks(milliseconds(20) + microseconds(1), std::nullopt),
            EndpointTracker::Answer::kTooEarly);
  EXPECT_TRUE(e.tracker.in_doubt());
  e.Looks(milliseconds(21), std::nullopt);
  e.Looks(milliseconds(22), std::nullopt);
  EXPECT_TRUE(e.tracker.finished());
  EXPECT_GE(e.last().latest, At(milliseconds(21)));
}

TEST(EndpointTrackerEvents, AMinisockGoesToTimeWaitWhenItsTimerIsArmedAgain) {
  Endpoint e = Orphan(/*with_timers=*/true);
  e.Receives(milliseconds(100), kFinAck, 5000, 1001);
  e.Stops(milliseconds(100) + microseconds(5), kTimeWait);
  e.Arms(milliseconds(100) + microseconds(6), kTimeWait, seconds(60));
  EXPECT_EQ(e.tracker.state(), kTimeWait);
  EXPECT_EQ(e.last().at, At(milliseconds(100) + microseconds(5)));
  EXPECT_EQ(e.last().earliest, e.last().at);
  EXPECT_EQ(e.last().cause, "received FIN");
  e.Fires(seconds(61), kTimeWait);
  EXPECT_THAT(e.Path(), ElementsAre(kSynSent, kEstablished, kFinWait1,
                                    kFinWait2, kTimeWait, kClosed));
}

// The kernel says nothing when TIME_WAIT's 60 s end in the slot in which those
// of FIN_WAIT2 would have.
TEST(EndpointTrackerEvents, ASecondFinMayBeTheFirstThatIsTold) {
  Endpoint e = Closed();
  e.Changes(milliseconds(12), kFinWait1, kFinWait2);
  e.Arms(milliseconds(12), kFinWait2, seconds(60));
  e.Changes(milliseconds(12), kFinWait2, kClosed);
  e.Receives(milliseconds(20), kFinAck, 5000, 1001);
  e.Receives(milliseconds(90), kFinAck, 5000, 1001);
  e.Stops(milliseconds(90) + microseconds(5), kTimeWait);
  e.Arms(milliseconds(90) + microseconds(6), kTimeWait, seconds(60));
  EXPECT_EQ(e.tracker.state(), kTimeWait);
  EXPECT_EQ(e.last().earliest, At(milliseconds(20)));
  EXPECT_EQ(e.last().at, At(milliseconds(20)));
}

TEST(EndpointTrackerEvents, AStoppedTimerTellsWhenAResetMinisockWent) {
  Endpoint e = Orphan(/*with_timers=*/true);
  e.Receives(milliseconds(100), tcp::kRst, 5000, 1001);
  e.Stops(milliseconds(100) + microseconds(5), kFinWait2);
  EXPECT_FALSE(e.tracker.finished());
  e.Looks(milliseconds(101), std::nullopt);
  EXPECT_TRUE(e.tracker.finished());
  EXPECT_EQ(e.last().at, At(milliseconds(100) + microseconds(5)));
  EXPECT_EQ(e.last().cause, "received RST");
}

TEST(EndpointTrackerEvents, ALookFindsTheEndWhoseEventWasLost) {
  Endpoint e = Orphan(/*with_timers=*/true);
  e.Looks(milliseconds(1041), kFinWait2, kTimewaitTimer);
  e.Looks(milliseconds(1045), std::nullopt);
  e.Looks(milliseconds(1046), std::nullopt);
  EXPECT_TRUE(e.tracker.finished());
  EXPECT_EQ(e.last().earliest, At(milliseconds(1041)));
  EXPECT_EQ(e.last().latest, At(milliseconds(1045) + microseconds(2)));
  EXPECT_EQ(e.last().cause, "timewait timer");
}

TEST(EndpointTrackerEvents, CrossingFinsLeaveAMinisockInTimeWait) {
  Endpoint e = Closed();
  e.Changes(milliseconds(11), kFinWait1, kClosing);
  e.Arms(milliseconds(12), kTimeWait, seconds(60));
  e.Changes(milliseconds(12) + microseconds(3), kClosing, kClosed);
  EXPECT_EQ(e.tracker.state(), kTimeWait);
  EXPECT_EQ(e.last().from, kClosing);
  EXPECT_EQ(e.last().cause, "received ACK of FIN");
  EXPECT_EQ(e.tracker.hole(), "");
}

// ---- request sockets ----

TEST(EndpointTrackerEvents, OfARequestTellItsBirth) {
  Endpoint e;
  e.Receives(milliseconds(1), tcp::kSyn, 4999, 0);
  e.Arms(milliseconds(1) + microseconds(20), kSynRecv, seconds(1));
  e.Sends(milliseconds(1) + microseconds(30), kSynAck, 999, 5000);
  EXPECT_THAT(e.Path(), ElementsAre(kSynRecv));
  EXPECT_EQ(e.last().at, At(milliseconds(1) + microseconds(20)));
  EXPECT_FALSE(e.tracker.in_doubt());
}

TEST(EndpointTrackerEvents, OfARequestThatRepeatsItselfEndNothing) {
  Endpoint e;
  e.Arms(milliseconds(1), kSynRecv, seconds(1));
  e.Fires(milliseconds(1001), kSynRecv);
  EXPECT_EQ(e.tracker.state(), kSynRecv);
  e.Arms(milliseconds(1001) + microseconds(40), kSynRecv, seconds(2));
  e.Stops(milliseconds(1500), kSynRecv);
  e.Changes(milliseconds(1500) + microseconds(2), kSynRecv, kEstablished);
  EXPECT_THAT(e.Path(), ElementsAre(kSynRecv, kEstablished));
  EXPECT_EQ(e.tracker.timers().size(), 5U);
}

TEST(EndpointTrackerEvents, OfARequestThatGivesUpTellWhen) {
  Endpoint e;
  e.Arms(milliseconds(1), kSynRecv, seconds(1));
  e.Looks(milliseconds(2), kSynRecv, tcp::TimerKind::kRetransmit);
  e.Fires(milliseconds(1001), kSynRecv);
  e.Looks(milliseconds(1002), std::nullopt);
  e.Looks(milliseconds(1003), std::nullopt);
  EXPECT_TRUE(e.tracker.finished());
  EXPECT_EQ(e.last().at, At(milliseconds(1001)));
  EXPECT_EQ(e.last().cause, "retransmission gave up");
}

TEST(EndpointTrackerEvents, OfASimultaneousOpenAreFollowed) {
  Endpoint e;
  e.Changes(milliseconds(1), kClosed, kSynSent);
  e.Sends(milliseconds(1) + microseconds(3), tcp::kSyn, 999, 0);
  e.Receives(milliseconds(2), tcp::kSyn, 4999, 0);
  e.Changes(milliseconds(2) + microseconds(4), kSynSent, kSynRecv);
  e.Receives(milliseconds(3), kSynAck, 4999, 1000);
  e.Changes(milliseconds(3) + microseconds(4), kSynRecv, kEstablished);
  EXPECT_THAT(e.Path(), ElementsAre(kSynSent, kSynRecv, kEstablished));
  EXPECT_EQ(e.tracker.transitions()[1].cause, "received SYN");
}

// ---- what is lost, and what comes too early ----

TEST(EndpointTrackerEvents, SegmentsBridgeALostEvent) {
  Endpoint e = Closed();
  e.Sends(milliseconds(10) + microseconds(5), kFinAck, 1000, 5000);
  e.Receives(milliseconds(11), tcp::kAck, 5000, 1001);  // its event is lost
  e.Receives(milliseconds(20), kFinAck, 5000, 1001);
  e.Changes(milliseconds(20) + microseconds(9), kFinWait2, kClosed);
  e.Looks(milliseconds(21), kTimeWait, kTimewaitTimer);
  EXPECT_THAT(e.Path(), ElementsAre(kSynSent, kEstablished, kFinWait1,
                                    kFinWait2, kTimeWait));
  EXPECT_EQ(e.tracker.hole(), "");
  EXPECT_EQ(e.tracker.transitions()[3].source, tcp::Source::kPacket);
}

TEST(EndpointTrackerEvents, ALostEventThatNobodyFillsIsAHole) {
  Endpoint e;
  e.Changes(milliseconds(1), kClosed, kSynSent);
  e.Changes(milliseconds(2), kSynSent, kEstablished);
  e.Changes(milliseconds(12), kFinWait1, kFinWait2);
  EXPECT_EQ(e.tracker.hole(),
            "states between ESTABLISHED and FIN_WAIT1 were not observed");
}

TEST(EndpointTrackerEvents, AMinisockThatComesFromNowhereIsAHole) {
  Endpoint e;
  e.Connects();
  e.Arms(milliseconds(12), kTimeWait, seconds(60));
  EXPECT_EQ(e.tracker.hole(),
            "states between ESTABLISHED and TIME_WAIT were not observed");
}

TEST(EndpointTrackerEvents, ALookBetweenTellingAndStoringRollsNothingBack) {
  Endpoint e = Closed();
  EXPECT_EQ(e.Looks(milliseconds(10) + microseconds(90), kEstablished),
            EndpointTracker::Answer::kTooEarly);
  EXPECT_TRUE(e.tracker.in_doubt());
  EXPECT_EQ(e.tracker.state(), kFinWait1);
  // It was stored after that look at the earliest.
  EXPECT_GT(e.last().latest, At(milliseconds(10) + microseconds(90)));
  EXPECT_EQ(e.Looks(milliseconds(11), kFinWait1),
            EndpointTracker::Answer::kAgrees);
  EXPECT_FALSE(e.tracker.in_doubt());
  EXPECT_THAT(e.Path(), ElementsAre(kSynSent, kEstablished, kFinWait1));
}

TEST(EndpointTrackerEvents, ALookLongAfterAnEventIsBelieved) {
  Endpoint e;
  e.Changes(milliseconds(1), kClosed, kSynSent);
  e.Looks(milliseconds(500), std::nullopt);
  e.Looks(milliseconds(501), std::nullopt);
  EXPECT_TRUE(e.tracker.finished());
  EXPECT_LT(e.tracker.transitions()[0].latest, At(milliseconds(2)));
}

TEST(EndpointTrackerEvents, ALookFromBeforeTheEventSaysNothing) {
  Endpoint e = Closed();
  EXPECT_EQ(e.Looks(milliseconds(9), kEstablished),
            EndpointTracker::Answer::kTooEarly);
  EXPECT_EQ(e.tracker.state(), kFinWait1);
}

}  // namespace
}  // namespace finwait::observe
