// Exact lookups against real connections in every state a test can hold.
#include "netlink/sock_diag.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <chrono>

#include "two_hosts.h"

namespace finwait::netlink {
namespace {

using tcp::TcpState;
using tcp::TimerKind;

constexpr std::uint32_t Bit(TcpState state) {
  return 1U << static_cast<int>(state);
}

class SockDiagTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { netns::EnsurePrivilege(); }

  void Open(const std::string& from, const std::string& to) {
    tuple_ = {{Ip(from), 40000}, {Ip(to), 7000}};
    listener_ = Listen(hosts_.b, tuple_.remote);
    client_ = Connect(hosts_.a, tuple_.local, tuple_.remote);
    server_ = Accept(listener_);
  }

  tcp::Sample Client() { return hosts_.a.diag->Look(tuple_, true); }
  tcp::Sample Server() { return hosts_.b.diag->Look(Reversed(tuple_), true); }

  // Looks at the client until it is in `state`; the delayed ACK of a FIN may
  // take 40 ms.
  std::optional<tcp::SocketFacts> ClientIn(TcpState state) {
    TimePoint deadline = MonotonicClock::now() + std::chrono::seconds(5);
    std::optional<tcp::SocketFacts> facts;
    do {
      facts = Client().facts;
    } while ((!facts || facts->state != state) &&
             MonotonicClock::now() < deadline);
    return facts;
  }

  TwoHosts hosts_;
  tcp::FourTuple tuple_;
  FileDescriptor listener_;
  FileDescriptor client_;
  FileDescriptor server_;
};

TEST_F(SockDiagTest, FindsBothEndsOfAConnection) {
  Open("10.0.0.1", "10.0.0.2");
  tcp::Sample client = Client();
  ASSERT_TRUE(client.facts);
  EXPECT_EQ(client.facts->state, TcpState::kEstablished);
  EXPECT_NE(client.facts->inode, 0U);
  EXPECT_NE(client.facts->cookie, 0U);
  EXPECT_EQ(client.facts->shutdown, 0);
  ASSERT_TRUE(client.facts->info);
  EXPECT_GE(client.facts->info->rto, std::chrono::milliseconds(200));
  EXPECT_EQ(client.facts->info->snd_mss, 1448U);
  EXPECT_LE(client.before, client.after);
  ASSERT_TRUE(Server().facts);
  EXPECT_EQ(Server().facts->state, TcpState::kEstablished);
}

TEST_F(SockDiagTest, LeavesTcpInfoOutUnlessAsked) {
  Open("10.0.0.1", "10.0.0.2");
  tcp::Sample sample = hosts_.a.diag->Look(tuple_, false);
  ASSERT_TRUE(sample.facts);
  EXPECT_FALSE(sample.facts->info);
}

TEST_F(SockDiagTest, FindsIpv6) {
  Open("fd00::1", "fd00::2");
  ASSERT_TRUE(Client().facts);
  ASSERT_TRUE(Server().facts);
}

// The kernel's table is keyed by the IPv4 addresses whatever the family of
// the socket: one lookup finds mapped sockets.
TEST_F(SockDiagTest, FindsMappedConnectionsAsIpv4) {
  tuple_ = {{Ip("10.0.0.1"), 40000}, {Ip("10.0.0.2"), 7000}};
  listener_ = Listen(hosts_.b, {Ip("::"), 7000});
  client_ = Connect(hosts_.a, tuple_.local, tuple_.remote);
  server_ = Accept(listener_);
  ASSERT_TRUE(Server().facts);
  EXPECT_EQ(Server().facts->state, TcpState::kEstablished);
  auto all = hosts_.b.diag->Dump(Bit(TcpState::kEstablished), false);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].tuple, Reversed(tuple_));
  shutdown(client_.get(), SHUT_WR);
  close(server_.release());
  EXPECT_TRUE(ClientIn(TcpState::kTimeWait)->minisock());
}

TEST_F(SockDiagTest, AListenerIsNoAnswerForAConnection) {
  listener_ = Listen(hosts_.b, {Ip("10.0.0.2"), 7000});
  tcp::FourTuple gone{{Ip("10.0.0.2"), 7000}, {Ip("10.0.0.1"), 40001}};
  EXPECT_FALSE(hosts_.b.diag->Look(gone, true).facts);
  EXPECT_FALSE(hosts_.a.diag->Look(Reversed(gone), true).facts);
}

TEST_F(SockDiagTest, FindsTheMinisockOfAnOrphan) {
  netns::WriteSysctl(hosts_.a.ns, "net.ipv4.tcp_fin_timeout", "20");
  Open("10.0.0.1", "10.0.0.2");
  std::uint64_t cookie = Client().facts->cookie;
  close(client_.release());
  auto facts = ClientIn(TcpState::kFinWait2);
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->minisock());
  EXPECT_EQ(facts->inode, 0U);
  EXPECT_EQ(facts->cookie, cookie);
  EXPECT_GT(facts->expires, std::chrono::seconds(19));
  EXPECT_LE(facts->expires, std::chrono::seconds(20));
  EXPECT_FALSE(facts->info);
  EXPECT_FALSE(facts->shutdown);
  EXPECT_EQ(Server().facts->state, TcpState::kCloseWait);
  EXPECT_EQ(Server().facts->receive_queue, 1U) << "the unread FIN";
}

TEST_F(SockDiagTest, FindsTheFullSocketOfAHalfClose) {
  Open("10.0.0.1", "10.0.0.2");
  shutdown(client_.get(), SHUT_WR);
  auto facts = ClientIn(TcpState::kFinWait2);
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->minisock());
  EXPECT_NE(facts->inode, 0U);
  EXPECT_EQ(facts->shutdown, SHUT_WR + 1);
}

TEST_F(SockDiagTest, ARequestSocketIsSynRecv) {
  tuple_ = {{Ip("10.0.0.1"), 40000}, {Ip("10.0.0.2"), 7000}};
  listener_ = Listen(hosts_.b, tuple_.remote);
  // Without a way back the SYN|ACK is lost and the handshake hangs.
  hosts_.b.rtnl->AddNeighbour(kRightIndex, Ip("10.0.0.1"), {2, 0, 0, 0, 0, 99});
  client_ = OpenTcp(hosts_.a, AF_INET);
  fcntl(client_.get(), F_SETFL, O_NONBLOCK);
  Sockaddr own(tuple_.local);
  Sockaddr peer(tuple_.remote);
  ASSERT_EQ(bind(client_.get(), own.get(), own.size), 0);
  (void)connect(client_.get(), peer.get(), peer.size);
  ASSERT_EQ(Client().facts->state, TcpState::kSynSent);
  ASSERT_TRUE(Server().facts);
  EXPECT_EQ(Server().facts->state, TcpState::kSynRecv);
  EXPECT_EQ(Server().facts->timer, TimerKind::kRetransmit);
  auto all = hosts_.b.diag->Dump(Bit(TcpState::kSynRecv), false);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].facts.state, TcpState::kSynRecv);
}

TEST_F(SockDiagTest, DumpsOnlyItsNamespaceAndStates) {
  Open("10.0.0.1", "10.0.0.2");
  EXPECT_EQ(hosts_.a.diag->Dump(~0U, true).size(), 1U);
  EXPECT_EQ(hosts_.b.diag->Dump(~0U, true).size(), 2U);
  auto listening = hosts_.b.diag->Dump(Bit(TcpState::kListen), false);
  ASSERT_EQ(listening.size(), 1U);
  EXPECT_EQ(listening[0].tuple.local, tuple_.remote);
}

TEST_F(SockDiagTest, DestroysTheSocketAndNeverTheListener) {
  Open("10.0.0.1", "10.0.0.2");
  std::uint64_t cookie = Client().facts->cookie;
  EXPECT_FALSE(hosts_.a.diag->Destroy(tuple_, cookie + 1));
  ASSERT_TRUE(Client().facts);
  if (!hosts_.a.diag->Destroy(tuple_, cookie)) {
    GTEST_SKIP() << "CONFIG_INET_DIAG_DESTROY is missing";
  }
  EXPECT_FALSE(Client().facts);
  EXPECT_FALSE(hosts_.a.diag->Destroy(tuple_, cookie));
  EXPECT_FALSE(hosts_.b.diag->Destroy(Reversed(tuple_), cookie));
  EXPECT_EQ(hosts_.b.diag->Dump(Bit(TcpState::kListen), false).size(), 1U);
}

TEST_F(SockDiagTest, StaysBoundToItsNamespaceWhenMoved) {
  Open("10.0.0.1", "10.0.0.2");
  SockDiag diag(hosts_.b.ns);
  EXPECT_FALSE(diag.Look(tuple_, false).facts);
  diag = SockDiag(hosts_.a.ns);
  EXPECT_TRUE(diag.Look(tuple_, false).facts);
  SockDiag other(std::move(diag));
  EXPECT_TRUE(other.Look(tuple_, false).facts);
}

}  // namespace
}  // namespace finwait::netlink
