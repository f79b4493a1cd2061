// Which endpoint a segment, an event or a look is about.
#include "observe/endpoint_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace finwait::observe {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using tcp::TcpState;
using testing::ElementsAre;
using testing::IsEmpty;

TimePoint At(Duration since_start) { return TimePoint(since_start); }

tcp::SocketAddress Address(const char* ip, int port) {
  return {*tcp::ParseIpAddress(ip), static_cast<std::uint16_t>(port)};
}

const tcp::FourTuple kClient{Address("10.0.0.1", 40000),
                             Address("10.0.0.2", 80)};
const tcp::FourTuple kServer{kClient.remote, kClient.local};

Event Told(Duration at, const char* host, TcpState from, TcpState to,
           std::uint64_t cookie = 0) {
  Event event;
  event.at = At(at);
  event.host = host;
  event.tuple = host == std::string_view("client") ? kClient : kServer;
  event.from = from;
  event.to = to;
  event.cookie = cookie;
  return event;
}

Event Timer(Duration at, const char* host, Event::Kind kind, TcpState state,
            std::uint64_t cookie = 0) {
  Event event = Told(at, host, TcpState::kClosed, TcpState::kClosed, cookie);
  event.kind = kind;
  event.source = tcp::Source::kTracepoint;
  event.state = state;
  event.requested = event.slot = event.at + seconds(1);
  return event;
}

class EndpointBookTest : public testing::Test {
 protected:
  void Send(Duration at, std::uint8_t flags, std::uint32_t seq,
            std::uint32_t ack = 0) {
    Segment segment{kClient.local,
                    kClient.remote,
                    {.at = At(at), .flags = flags, .seq = seq, .ack = ack}};
    book_.OnSegment("client", /*sent=*/true, segment);
  }
  void Receive(Duration at, std::uint8_t flags, std::uint32_t seq) {
    const Segment segment{kClient.local,
                          kClient.remote,
                          {.at = At(at), .flags = flags, .seq = seq}};
    book_.OnSegment("server", /*sent=*/false, segment);
  }
  void Look(std::size_t endpoint, Duration at, std::optional<TcpState> state,
            std::uint64_t cookie = 0) {
    tcp::Sample sample{.before = At(at), .after = At(at + microseconds(3))};
    if (state) sample.facts = {.state = *state, .cookie = cookie};
    book_.OnSample(endpoint, sample, milliseconds(1));
  }
  // From connect() to a minisock in TIME_WAIT.
  void LeaveTimeWait(Duration at, std::uint64_t cookie) {
    static constexpr TcpState kPath[] = {
        TcpState::kClosed, TcpState::kSynSent, TcpState::kEstablished,
        TcpState::kFinWait1, TcpState::kFinWait2};
    for (std::size_t n = 1; n < std::size(kPath); ++n) {
      at += milliseconds(1);
      book_.OnEvent(Told(at, "client", kPath[n - 1], kPath[n], cookie));
    }
    book_.OnEvent(Timer(at + microseconds(5), "client",
                        Event::Kind::kTimerArmed, TcpState::kTimeWait, cookie));
  }
  std::vector<TcpState> PathOf(std::size_t endpoint) {
    book_.PublishTouched();
    std::vector<TcpState> path;
    for (const auto& t : book_.endpoints()[endpoint].transitions) {
      path.push_back(t.to);
    }
    return path;
  }

  EndpointBook book_{At(Duration::zero()),
                     Names({}, {{"client", {kClient.local.ip}},
                                {"server", {kServer.local.ip}}}),
                     nullptr};
};

TEST_F(EndpointBookTest, AnEventOpensAnEndpointOnEachHost) {
  book_.OnEvent(Told(milliseconds(1), "client", TcpState::kClosed,
                     TcpState::kSynSent, 7));
  book_.OnEvent(Timer(milliseconds(2), "server", Event::Kind::kTimerArmed,
                      TcpState::kSynRecv));
  ASSERT_EQ(book_.endpoints().size(), 2U);
  EXPECT_THAT(PathOf(0), ElementsAre(TcpState::kSynSent));
  EXPECT_THAT(PathOf(1), ElementsAre(TcpState::kSynRecv));
  EXPECT_EQ(book_.endpoints()[0].cookie, 7U);
}

TEST_F(EndpointBookTest, BothEndsHaveOneNameWhicheverIsToldFirst) {
  book_.OnEvent(Timer(milliseconds(2), "server", Event::Kind::kTimerArmed,
                      TcpState::kSynRecv));
  book_.OnEvent(Told(milliseconds(3), "client", TcpState::kSynSent,
                     TcpState::kEstablished));
  ASSERT_EQ(book_.endpoints().size(), 2U);
  EXPECT_EQ(book_.endpoints()[0].connection, book_.endpoints()[1].connection);
}

TEST_F(EndpointBookTest, AnAcceptedSocketWithoutItsRequestHasOneNameToo) {
  book_.OnEvent(Told(milliseconds(2), "server", TcpState::kSynRecv,
                     TcpState::kEstablished));
  book_.OnEvent(
      Told(milliseconds(1), "client", TcpState::kClosed, TcpState::kSynSent));
  EXPECT_EQ(book_.endpoints()[0].connection, book_.endpoints()[1].connection);
  EXPECT_THAT(PathOf(0),
              ElementsAre(TcpState::kSynRecv, TcpState::kEstablished));
}

TEST_F(EndpointBookTest, WhatHasNoPortsIsNoEndpoint) {
  Event listening =
      Told(milliseconds(1), "server", TcpState::kClosed, TcpState::kListen);
  listening.tuple.remote.port = 0;
  Event unbound =
      Told(milliseconds(1), "client", TcpState::kClosed, TcpState::kSynSent);
  unbound.tuple.local.port = 0;
  EXPECT_EQ(book_.OnEvent(listening), std::nullopt);
  EXPECT_EQ(book_.OnEvent(unbound), std::nullopt);
  EXPECT_THAT(book_.endpoints(), IsEmpty());
}

TEST_F(EndpointBookTest, AnOlderSocketBeginsInTheStateItLeaves) {
  book_.OnEvent(Told(milliseconds(1), "client", TcpState::kEstablished,
                     TcpState::kFinWait1));
  book_.PublishTouched();
  EXPECT_EQ(book_.endpoints()[0].initial, TcpState::kEstablished);
  EXPECT_EQ(book_.endpoints()[0].hole, "");
  EXPECT_THAT(PathOf(0), ElementsAre(TcpState::kFinWait1));
}

TEST_F(EndpointBookTest, ASegmentAndAnEventAreOfOneEndpoint) {
  book_.OnEvent(Told(milliseconds(1), "client", TcpState::kClosed,
                     TcpState::kSynSent, 7));
  Send(milliseconds(1) + microseconds(10), tcp::kSyn, 999);
  ASSERT_EQ(book_.endpoints().size(), 1U);
  EXPECT_THAT(PathOf(0), ElementsAre(TcpState::kSynSent));
  EXPECT_EQ(book_.endpoints()[0].packets.size(), 1U);
}

TEST_F(EndpointBookTest, ANewConnectEndsWhatItReplaces) {
  LeaveTimeWait(milliseconds(0), 7);
  book_.OnEvent(Timer(milliseconds(100), "client", Event::Kind::kTimerStopped,
                      TcpState::kTimeWait, 7));
  book_.OnEvent(Told(milliseconds(100) + microseconds(30), "client",
                     TcpState::kClosed, TcpState::kSynSent, 8));
  Send(milliseconds(100) + microseconds(40), tcp::kSyn, 5000);
  ASSERT_EQ(book_.endpoints().size(), 2U);
  EXPECT_EQ(book_.endpoints()[0].cookie, 7U);
  EXPECT_EQ(book_.endpoints()[1].cookie, 8U);
  EXPECT_THAT(PathOf(1), ElementsAre(TcpState::kSynSent));
  EXPECT_EQ(book_.endpoints()[1].packets.size(), 1U);
}

// Asked for the old one's addresses, the kernel answers with the new one.
TEST_F(EndpointBookTest, ALookThatFindsTheSuccessorFindsTheOldSocketGone) {
  LeaveTimeWait(milliseconds(0), 7);
  book_.OnEvent(Timer(milliseconds(100), "client", Event::Kind::kTimerStopped,
                      TcpState::kTimeWait, 7));
  book_.OnEvent(Told(milliseconds(100) + microseconds(30), "client",
                     TcpState::kClosed, TcpState::kSynSent, 8));
  Look(0, milliseconds(101), TcpState::kSynSent, 8);
  Look(0, milliseconds(102), TcpState::kSynSent, 8);
  EXPECT_TRUE(book_.finished(0));
  const tcp::Transition& end = book_.endpoints()[0].transitions.back();
  EXPECT_EQ(end.to, TcpState::kClosed);
  EXPECT_EQ(end.at, At(milliseconds(100)));
  EXPECT_EQ(book_.endpoints()[0].cookie, 7U);
}

TEST_F(EndpointBookTest, TheServersNextRequestIsAnotherConnection) {
  book_.OnEvent(Timer(milliseconds(1), "server", Event::Kind::kTimerArmed,
                      TcpState::kSynRecv));
  book_.OnEvent(Told(milliseconds(2), "server", TcpState::kSynRecv,
                     TcpState::kEstablished));
  book_.OnEvent(Told(milliseconds(3), "server", TcpState::kEstablished,
                     TcpState::kClosed));
  book_.OnEvent(Timer(milliseconds(4), "server", Event::Kind::kTimerArmed,
                      TcpState::kSynRecv));
  ASSERT_EQ(book_.endpoints().size(), 2U);
  EXPECT_THAT(PathOf(1), ElementsAre(TcpState::kSynRecv));
}

TEST_F(EndpointBookTest, ARequestThatIsArmedAgainIsTheSame) {
  book_.OnEvent(Timer(milliseconds(1), "server", Event::Kind::kTimerArmed,
                      TcpState::kSynRecv));
  book_.OnEvent(Timer(milliseconds(1001), "server", Event::Kind::kTimerFired,
                      TcpState::kSynRecv));
  book_.OnEvent(Timer(milliseconds(1002), "server", Event::Kind::kTimerArmed,
                      TcpState::kSynRecv));
  EXPECT_EQ(book_.endpoints().size(), 1U);
}

// The client, whose socket is long closed, has its port again by chance.
TEST_F(EndpointBookTest, ASynThatNobodyTookLeavesTheAddressesToTheNext) {
  Receive(milliseconds(1), tcp::kSyn, 999);
  Receive(milliseconds(1001), tcp::kSyn, 999);
  Receive(milliseconds(1500), tcp::kSyn, 5000);
  book_.OnEvent(Timer(milliseconds(1500) + microseconds(9), "server",
                      Event::Kind::kTimerArmed, TcpState::kSynRecv));
  ASSERT_EQ(book_.endpoints().size(), 2U);
  EXPECT_EQ(book_.endpoints()[0].packets.size(), 2U);
  EXPECT_THAT(PathOf(0), IsEmpty());
  EXPECT_THAT(PathOf(1), ElementsAre(TcpState::kSynRecv));
}

// Its capture may be read after the event of the end that followed it.
TEST_F(EndpointBookTest, ASynOfTheConnectionThatIsOverOpensNoOther) {
  book_.OnEvent(Told(milliseconds(1), "client", TcpState::kClosed,
                     TcpState::kSynSent, 7));
  book_.OnEvent(Told(milliseconds(2), "client", TcpState::kSynSent,
                     TcpState::kClosed, 7));
  Send(milliseconds(1) + microseconds(10), tcp::kSyn, 999);
  EXPECT_EQ(book_.endpoints().size(), 1U);
}

TEST_F(EndpointBookTest, AnAdoptedSocketHasAHistoryOnlyFromThenOn) {
  const std::size_t adopted =
      book_.Adopt("client", kClient, TcpState::kEstablished, "it was there");
  book_.OnEvent(Told(milliseconds(1), "client", TcpState::kEstablished,
                     TcpState::kCloseWait, 7));
  ASSERT_EQ(book_.endpoints().size(), 1U);
  EXPECT_EQ(book_.endpoints()[adopted].initial, TcpState::kEstablished);
  EXPECT_THAT(PathOf(adopted), ElementsAre(TcpState::kCloseWait));
  EXPECT_EQ(book_.endpoints()[adopted].hole, "it was there");
}

TEST_F(EndpointBookTest, EveryTransitionIsReportedOnce) {
  std::vector<TcpState> reported;
  EndpointBook book(
      At(Duration::zero()), Names({}, {}),
      [&](const tcp::EndpointTimeline&, const tcp::Transition& t) {
        reported.push_back(t.to);
      });
  book.OnEvent(
      Told(milliseconds(1), "client", TcpState::kClosed, TcpState::kSynSent));
  book.PublishTouched();
  book.OnEvent(Told(milliseconds(2), "client", TcpState::kSynSent,
                    TcpState::kEstablished));
  book.PublishTouched();
  book.PublishTouched();
  EXPECT_THAT(reported,
              ElementsAre(TcpState::kSynSent, TcpState::kEstablished));
}

TEST_F(EndpointBookTest, AsksShortlyBeforeTheTimersSlotEnds) {
  book_.OnEvent(Timer(milliseconds(1), "client", Event::Kind::kTimerArmed,
                      TcpState::kTimeWait, 7));
  tcp::Sample sample{.before = At(milliseconds(900)),
                     .after = At(milliseconds(900))};
  sample.facts = {.state = TcpState::kTimeWait,
                  .timer = tcp::TimerKind::kTimewait,
                  .cookie = 7};
  EXPECT_EQ(book_.OnSample(0, sample, milliseconds(1)), At(seconds(1)));
}

}  // namespace
}  // namespace finwait::observe
