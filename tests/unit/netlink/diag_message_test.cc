// sock_diag answers made by hand: cut, short, mapped.
#include "netlink/diag_message.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include <chrono>
#include <cstring>

#include "base/error.h"

namespace finwait::netlink {
namespace {

tcp::FourTuple Tuple(const char* local, const char* remote) {
  return {{*tcp::ParseIpAddress(local), 40000},
          {*tcp::ParseIpAddress(remote), 7000}};
}

TEST(DiagMessageTest, AsksForExactlyOneTuple) {
  DiagRequest request =
      ExactRequest(SOCK_DIAG_BY_FAMILY, Tuple("10.0.0.1", "10.0.0.2"));
  EXPECT_EQ(request.header.nlmsg_len, sizeof(nlmsghdr) + 56);
  EXPECT_EQ(request.header.nlmsg_flags, NLM_F_REQUEST) << "not a dump";
  EXPECT_EQ(request.body.sdiag_family, AF_INET);
  EXPECT_EQ(request.body.sdiag_protocol, IPPROTO_TCP);
  EXPECT_EQ(request.body.id.idiag_sport, htons(40000));
  EXPECT_EQ(request.body.id.idiag_dport, htons(7000));
  EXPECT_EQ(request.body.id.idiag_src[0], inet_addr("10.0.0.1"));
  EXPECT_EQ(request.body.id.idiag_dst[0], inet_addr("10.0.0.2"));
  EXPECT_EQ(request.body.id.idiag_cookie[0], ~0U);
}

TEST(DiagMessageTest, MappedAddressesAreIpv4) {
  inet_diag_msg message{.idiag_family = AF_INET6};
  inet_pton(AF_INET6, "::ffff:10.0.0.1", message.id.idiag_src);
  inet_pton(AF_INET6, "::ffff:10.0.0.2", message.id.idiag_dst);
  message.id.idiag_sport = htons(40000);
  message.id.idiag_dport = htons(7000);
  EXPECT_EQ(TupleOf(message), Tuple("10.0.0.1", "10.0.0.2"));
  inet_pton(AF_INET6, "fd00::1", message.id.idiag_src);
  inet_pton(AF_INET6, "fd00::2", message.id.idiag_dst);
  EXPECT_EQ(TupleOf(message), Tuple("fd00::1", "fd00::2"));
}

TEST(DiagMessageTest, AShortTcpInfoLeavesTheRestZero) {
  std::uint8_t bytes[16] = {};
  bytes[2] = 3;  // tcpi_retransmits
  std::uint32_t rto = 204000;
  std::memcpy(bytes + 8, &rto, sizeof(rto));
  tcp::TcpInfo info = DecodeTcpInfo(bytes, sizeof(bytes));
  EXPECT_EQ(info.retransmits, 3U);
  EXPECT_EQ(info.rto, std::chrono::milliseconds(204));
  EXPECT_EQ(info.rtt, Duration::zero());
  EXPECT_EQ(info.segs_in, 0U);
}

struct Answer {
  nlmsghdr header{.nlmsg_len = sizeof(Answer)};
  inet_diag_msg body{.idiag_family = AF_INET, .idiag_state = 12};
};

TEST(DiagMessageTest, ARequestSocketIsSynRecvWithoutTcpInfo) {
  Answer answer;
  answer.body.id.idiag_cookie[0] = 5;
  answer.body.id.idiag_cookie[1] = 1;
  DiagEntry entry = DecodeDiag(&answer.header);
  EXPECT_EQ(entry.facts.state, tcp::TcpState::kSynRecv);
  EXPECT_EQ(entry.facts.cookie, (std::uint64_t{1} << 32) + 5);
  EXPECT_FALSE(entry.facts.info);
  EXPECT_FALSE(entry.facts.shutdown);
}

TEST(DiagMessageTest, ADelayedAckIsNoTimer) {
  Answer answer;
  answer.body.idiag_timer = 4;
  answer.body.idiag_expires = 200;
  EXPECT_EQ(DecodeDiag(&answer.header).facts.timer, tcp::TimerKind::kPersist);
  answer.body.idiag_timer = 5;  // IDIAG_TIMER_DELACK of Linux 7
  const DiagEntry entry = DecodeDiag(&answer.header);
  EXPECT_EQ(entry.facts.timer, tcp::TimerKind::kOff);
  EXPECT_EQ(entry.facts.expires, Duration::zero());
}

TEST(DiagMessageTest, ACutAnswerIsAnError) {
  Answer answer;
  answer.header.nlmsg_len = sizeof(nlmsghdr) + 8;
  EXPECT_THROW(DecodeDiag(&answer.header), Error);
}

}  // namespace
}  // namespace finwait::netlink
