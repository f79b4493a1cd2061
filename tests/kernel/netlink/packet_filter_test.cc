// Rules that lose chosen packets, seen by what TCP has to do about it.
#include "netlink/packet_filter.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>

#include "two_hosts.h"

namespace finwait::netlink {
namespace {

using tcp::TcpState;

class PacketFilterTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { netns::EnsurePrivilege(); }

  void SetUp() override {
    if (!HasPacketFilter()) GTEST_SKIP() << "no nf_tables netdev support";
    filter_.emplace(hosts_.b.ns, "eth0");
  }

  void Open(const std::string& net, std::uint16_t port) {
    tuple_ = {{Ip(net + "1"), port}, {Ip(net + "2"), 7000}};
    listener_ = FileDescriptor();  // frees the port of the last one
    listener_ = Listen(hosts_.b, tuple_.remote);
    client_ = Connect(hosts_.a, tuple_.local, tuple_.remote);
    server_ = Accept(listener_);
  }

  TcpState Client() {
    auto facts = hosts_.a.diag->Look(tuple_, false).facts;
    return facts ? facts->state : TcpState::kClosed;
  }

  // Has something (a byte or the FIN) come to the server within `limit`?
  bool Arrives(std::chrono::milliseconds limit) {
    pollfd fd{server_.get(), POLLIN, 0};
    return poll(&fd, 1, static_cast<int>(limit.count())) == 1;
  }

  static constexpr std::chrono::milliseconds kShort{100};
  static constexpr std::chrono::milliseconds kLong{5000};

  TwoHosts hosts_;
  std::optional<PacketFilter> filter_;
  tcp::FourTuple tuple_;
  FileDescriptor listener_;
  FileDescriptor client_;
  FileDescriptor server_;
};

TEST_F(PacketFilterTest, DropsEveryFinUntilCleared) {
  filter_->Drop({.flags = tcp::kFin});
  Open("10.0.0.", 40000);
  ASSERT_EQ(send(client_.get(), "x", 1, 0), 1);
  ASSERT_TRUE(Arrives(kLong)) << "data passes";
  char byte = 0;
  ASSERT_EQ(recv(server_.get(), &byte, 1, 0), 1);
  shutdown(client_.get(), SHUT_WR);
  EXPECT_FALSE(Arrives(kShort));
  EXPECT_EQ(Client(), TcpState::kFinWait1);
  filter_->Clear();
  EXPECT_TRUE(Arrives(kLong)) << "the retransmission passes";
}

// Two connections: of the FINs 1, 2 and the retransmission of 2, it is the
// second alone that is lost.
TEST_F(PacketFilterTest, DropsOnlyTheNth) {
  filter_->Drop({.flags = tcp::kFin, .to = Ip("10.0.0.2"), .number = 2});
  Open("10.0.0.", 40000);
  shutdown(client_.get(), SHUT_WR);
  EXPECT_TRUE(Arrives(kShort));
  Open("10.0.0.", 40001);
  shutdown(client_.get(), SHUT_WR);
  EXPECT_FALSE(Arrives(std::chrono::milliseconds(2)));
  EXPECT_TRUE(Arrives(kLong));
  Open("10.0.0.", 40002);
  shutdown(client_.get(), SHUT_WR);
  EXPECT_TRUE(Arrives(kShort));
}

TEST_F(PacketFilterTest, TellsPureAcksFromData) {
  for (const char* net : {"10.0.0.", "fd00::"}) {
    filter_->Clear();
    Open(net, 40000);
    filter_->Drop({.pure_ack = true});
    ASSERT_EQ(send(client_.get(), "x", 1, MSG_NOSIGNAL), 1);
    EXPECT_TRUE(Arrives(kLong)) << net;
    // The server closes; the client's ACK of its FIN is lost.
    shutdown(server_.get(), SHUT_WR);
    pollfd fd{client_.get(), POLLIN, 0};
    ASSERT_EQ(poll(&fd, 1, 5000), 1);
    pollfd none{-1, 0, 0};
    poll(&none, 1, static_cast<int>(kShort.count()));
    auto facts = hosts_.b.diag->Look(Reversed(tuple_), false).facts;
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->state, TcpState::kFinWait1) << net;
    server_ = FileDescriptor();
  }
}

TEST_F(PacketFilterTest, TellsDataFromPureAcks) {
  Open("10.0.0.", 40000);
  filter_->Drop({.flags = tcp::kAck, .pure_ack = false});
  ASSERT_EQ(send(client_.get(), "x", 1, MSG_NOSIGNAL), 1);
  EXPECT_FALSE(Arrives(kShort));
}

TEST_F(PacketFilterTest, DropsForOneAddressOnly) {
  filter_->Drop({.flags = tcp::kFin, .to = Ip("fd00::2")});
  Open("10.0.0.", 40000);
  shutdown(client_.get(), SHUT_WR);
  EXPECT_TRUE(Arrives(kLong));
  Open("fd00::", 40000);
  shutdown(client_.get(), SHUT_WR);
  EXPECT_FALSE(Arrives(kShort));
}

TEST_F(PacketFilterTest, DropAllIsABlackHole) {
  Open("10.0.0.", 40000);
  filter_->DropAll();
  ASSERT_EQ(send(client_.get(), "x", 1, MSG_NOSIGNAL), 1)
      << "the sender must not learn of it";
  EXPECT_FALSE(Arrives(kShort));
}

TEST_F(PacketFilterTest, RulesGoWithTheirOwnerAndMoveWithIt) {
  PacketFilter left(hosts_.a.ns, "eth0");
  filter_->DropAll();
  *filter_ = std::move(left);  // the black hole goes
  filter_->Drop({.flags = tcp::kFin});
  PacketFilter moved(std::move(*filter_));
  moved.Clear();
  Open("10.0.0.", 40000);
  EXPECT_EQ(Client(), TcpState::kEstablished);
}

TEST_F(PacketFilterTest, AnUnknownInterfaceIsRefused) {
  EXPECT_THROW(PacketFilter(hosts_.a.ns, "eth7"), Error);
}

}  // namespace
}  // namespace finwait::netlink
