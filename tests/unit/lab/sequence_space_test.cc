// Numbers of a connection, told by its segments.
#include "lab/sequence_space.h"

#include <gtest/gtest.h>

namespace finwait::lab {
namespace {

using scenario::SequenceNumber;
using std::chrono::milliseconds;
using tcp::Packet;

constexpr TimePoint At(int ms) { return TimePoint(milliseconds(ms)); }

// A client that connected, sent its FIN and got it acknowledged; both scale
// their windows, it by 7.
class SequenceSpaceTest : public testing::Test {
 protected:
  SequenceSpaceTest() {
    Sent({.flags = tcp::kSyn, .seq = 1000, .window = 64000, .window_scale = 7});
    Received({.flags = tcp::kSyn | tcp::kAck,
              .seq = 5000,
              .ack = 1001,
              .window = 65000,
              .window_scale = 10});
    Sent({.flags = tcp::kAck, .seq = 1001, .ack = 5001, .window = 500});
    Sent({.flags = tcp::kFin | tcp::kAck,
          .seq = 1001,
          .ack = 5001,
          .window = 500});
    Received({.flags = tcp::kAck, .seq = 5001, .ack = 1002, .window = 63});
  }

  void Sent(Packet packet) {
    packet.sent = true;
    endpoint_.packets.push_back(packet);
  }
  void Received(const Packet& packet) { endpoint_.packets.push_back(packet); }

  SequenceSpace Space(int ms = 0) const { return SpaceOf(endpoint_, At(ms)); }

  tcp::EndpointTimeline endpoint_;
};

TEST_F(SequenceSpaceTest, IsToldBySegments) {
  const SequenceSpace space = Space();
  EXPECT_EQ(space.iss, 1000U);
  EXPECT_EQ(space.irs, 5000U);
  EXPECT_EQ(space.snd_una, 1002U);
  EXPECT_EQ(space.snd_nxt, 1002U);
  EXPECT_EQ(space.rcv_nxt, 5001U);
  EXPECT_EQ(space.window, 5001U + (500U << 7));
  EXPECT_EQ(WindowTo(endpoint_), 63U);
}

TEST_F(SequenceSpaceTest, DataCountsWhileItsAcknowledgmentMayBeDelayed) {
  Received({.at = At(100), .flags = tcp::kAck, .seq = 5001, .length = 10});
  EXPECT_EQ(Space(101).rcv_nxt, 5011U);
  EXPECT_EQ(Space(1000).rcv_nxt, 5001U);  // lost behind the capture
}

TEST_F(SequenceSpaceTest, WhatIsOutOfOrderOrAResetMovesNothing) {
  Received({.at = At(100), .flags = tcp::kAck, .seq = 6000, .length = 10});
  Received({.at = At(100), .flags = tcp::kRst | tcp::kFin, .seq = 5001});
  EXPECT_EQ(Space(101).rcv_nxt, 5001U);
}

TEST_F(SequenceSpaceTest, WindowsAreScaledOnlyIfBothOfferIt) {
  endpoint_.packets[1].window_scale.reset();
  EXPECT_EQ(Space().window, 5501U);
}

TEST_F(SequenceSpaceTest, NumbersAreInACircle) {
  const SequenceSpace space = Space();
  EXPECT_EQ(NumberIn(space, {SequenceNumber::Base::kRcvNxt, -5002}),
            0xffffffffU);
  EXPECT_EQ(NumberIn(space, {SequenceNumber::Base::kZero, 7}), 7U);
  EXPECT_EQ(NumberIn({}, {SequenceNumber::Base::kRcvNxt, 0}), std::nullopt);
}

TEST_F(SequenceSpaceTest, TimestampsAreUsedIfBothOfferThem) {
  EXPECT_FALSE(TimestampsTo(endpoint_));
  endpoint_.packets[0].timestamps = tcp::Timestamps{10, 0};
  EXPECT_FALSE(TimestampsTo(endpoint_));  // an offer
  endpoint_.packets[1].timestamps = tcp::Timestamps{90, 10};
  endpoint_.packets[3].timestamps = tcp::Timestamps{12, 90};
  const auto timestamps = TimestampsTo(endpoint_);
  ASSERT_TRUE(timestamps);
  EXPECT_EQ(timestamps->value, 90U);
  EXPECT_EQ(timestamps->echo, 12U);
}

}  // namespace
}  // namespace finwait::lab
