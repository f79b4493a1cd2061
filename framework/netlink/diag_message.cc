// Where each of our fields is in inet_diag_msg.
#include "netlink/diag_message.h"

#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <chrono>
#include <cstring>

#include "base/error.h"

namespace finwait::netlink {
namespace {

// include/net/tcp_states.h; ss(8) prints it as SYN_RECV, too.
constexpr int kNewSynRecv = 12;

bool IsMapped(const __be32* words) {
  return words[0] == 0 && words[1] == 0 && words[2] == htonl(0xffff);
}

tcp::SocketAddress AddressOf(int family, const __be32* words, __be16 port) {
  tcp::SocketAddress address;
  address.port = ntohs(port);
  if (family == AF_INET6 && !IsMapped(words)) {
    address.ip.family = tcp::Family::kIpv6;
    std::memcpy(address.ip.bytes.data(), words, 16);
  } else {
    const __be32* ipv4 = family == AF_INET6 ? words + 3 : words;
    std::memcpy(address.ip.bytes.data(), ipv4, 4);
  }
  return address;
}

// Linux 7 also tells of a delayed ACK (IDIAG_TIMER_DELACK, 5), which kernels
// before it keep to themselves: for all of them, that is no timer.
bool IsKnownTimer(const inet_diag_msg& message) {
  return message.idiag_timer <= static_cast<__u8>(tcp::TimerKind::kPersist);
}

tcp::SocketFacts FactsOf(const inet_diag_msg& message) {
  bool embryonic = message.idiag_state == kNewSynRecv;
  bool timed = IsKnownTimer(message);
  return {
      .state = embryonic ? tcp::TcpState::kSynRecv
                         : static_cast<tcp::TcpState>(message.idiag_state),
      .timer = timed ? static_cast<tcp::TimerKind>(message.idiag_timer)
                     : tcp::TimerKind::kOff,
      .expires = std::chrono::milliseconds(timed ? message.idiag_expires : 0),
      .retransmits = message.idiag_retrans,
      .uid = message.idiag_uid,
      .inode = message.idiag_inode,
      .cookie = message.id.idiag_cookie[0] |
                std::uint64_t{message.id.idiag_cookie[1]} << 32,
      .receive_queue = message.idiag_rqueue,
      .send_queue = message.idiag_wqueue,
  };
}

}  // namespace

DiagRequest ExactRequest(int type, const tcp::FourTuple& tuple) {
  DiagRequest request{};
  request.header = {.nlmsg_len = sizeof(request),
                    .nlmsg_type = static_cast<__u16>(type),
                    .nlmsg_flags = NLM_F_REQUEST};
  bool ipv4 = tuple.local.ip.family == tcp::Family::kIpv4;
  request.body = {.sdiag_family = static_cast<__u8>(ipv4 ? AF_INET : AF_INET6),
                  .sdiag_protocol = IPPROTO_TCP,
                  .idiag_states = ~0U};
  inet_diag_sockid& id = request.body.id;
  id.idiag_sport = htons(tuple.local.port);
  id.idiag_dport = htons(tuple.remote.port);
  std::memcpy(id.idiag_src, tuple.local.ip.bytes.data(), 16);
  std::memcpy(id.idiag_dst, tuple.remote.ip.bytes.data(), 16);
  id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return request;
}

tcp::FourTuple TupleOf(const inet_diag_msg& message) {
  const inet_diag_sockid& id = message.id;
  return {AddressOf(message.idiag_family, id.idiag_src, id.idiag_sport),
          AddressOf(message.idiag_family, id.idiag_dst, id.idiag_dport)};
}

DiagEntry DecodeDiag(const nlmsghdr* answer) {
  if (answer->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) {
    throw Error("reading a sock_diag answer", "it is cut short");
  }
  const auto& message = *static_cast<const inet_diag_msg*>(NLMSG_DATA(answer));
  DiagEntry entry{TupleOf(message), FactsOf(message)};
  // libnl's own walk, which checks every length.
  auto* attributes = reinterpret_cast<const nlattr*>(
      reinterpret_cast<const char*>(&message) + NLMSG_ALIGN(sizeof(message)));
  int left = nlmsg_attrlen(answer, sizeof(message));
  const nlattr* info = nla_find(attributes, left, INET_DIAG_INFO);
  const nlattr* shutdown = nla_find(attributes, left, INET_DIAG_SHUTDOWN);
  // A minisock or a request socket has neither; the kernel leaves them out.
  if (info != nullptr) {
    entry.facts.info =
        DecodeTcpInfo(nla_data(info), static_cast<std::size_t>(nla_len(info)));
  }
  if (shutdown != nullptr) entry.facts.shutdown = nla_get_u8(shutdown);
  return entry;
}

}  // namespace finwait::netlink
