// What a new link has to wait for before its first packet.
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "netlink/link.h"
#include "netlink/message.h"

namespace finwait::netlink {
namespace {

constexpr Duration kPatience = std::chrono::seconds(5);
constexpr int kAskAgainMs = 5;

// Takes what has been announced so far; how it went is seen by asking.
void Discard(int fd) {
  std::array<char, 8192> buffer;
  while (true) {
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno != ENOBUFS) return;
  }
}

// Ordinarily the first look succeeds, for asking makes the kernel do the
// waiting work. Where it does not, every announcement on `events` is a reason
// to look again; so is a while without any, for not all that routes depend on
// is announced.
void AskUntil(const std::function<bool()>& ready,
              const std::function<Socket&()>& events,
              const std::string& doing) {
  const TimePoint deadline = MonotonicClock::now() + kPatience;
  while (!ready()) {
    if (MonotonicClock::now() > deadline) {
      throw Error(doing, "not within " + Format(kPatience), ETIMEDOUT);
    }
    pollfd announced{events().fd(), POLLIN, 0};
    poll(&announced, 1, kAskAgainMs);
    Discard(announced.fd);
  }
}

// linkwatch runs at most once a second (Linux: net/core/link_watch.c), but
// a query for the link synchronises it.
bool IsOperational(Socket* socket, int ifindex, const std::string& doing) {
  Message message(RTM_GETLINK, 0);
  message.PutHeader(ifinfomsg{.ifi_index = ifindex});
  bool up = false;
  socket->Query(message.get(), doing, [&](nlmsghdr* answer) {
    const nlattr* state =
        nlmsg_find_attr(answer, sizeof(ifinfomsg), IFLA_OPERSTATE);
    up = state != nullptr && nla_get_u8(state) == IF_OPER_UP;
  });
  return up;
}

// The route to an address of one's own is of type local. It is made by a
// work queue together with the join of the solicited-node multicast group
// (Linux: net/ipv6/addrconf.c addrconf_dad_begin()).
bool HasLocalRoute(Socket* socket, const tcp::IpAddress& ip,
                   const std::string& doing) {
  bool ipv4 = ip.family == tcp::Family::kIpv4;
  Message message(RTM_GETROUTE, 0);
  message.PutHeader(
      rtmsg{.rtm_family = static_cast<std::uint8_t>(ipv4 ? AF_INET : AF_INET6),
            .rtm_dst_len = static_cast<std::uint8_t>(ipv4 ? 32 : 128)});
  message.PutBytes(RTA_DST, ip.bytes.data(), ipv4 ? 4 : 16);
  bool local = false;
  try {
    socket->Query(message.get(), doing, [&](nlmsghdr* answer) {
      local = static_cast<rtmsg*>(nlmsg_data(answer))->rtm_type == RTN_LOCAL;
    });
  } catch (const Error& e) {
    if (e.code() != ENETUNREACH && e.code() != EHOSTUNREACH) throw;
  }
  return local;
}

}  // namespace

Socket& Rtnetlink::events() {
  if (!events_) {
    events_.emplace(ns_, NETLINK_ROUTE);
    events_->Join(RTNLGRP_LINK);
    events_->Join(RTNLGRP_IPV6_ROUTE);
  }
  return *events_;
}

void Rtnetlink::WaitOperational(int ifindex) {
  std::string doing =
      "waiting for interface " + std::to_string(ifindex) + " to be operational";
  AskUntil([&] { return IsOperational(&socket_, ifindex, doing); },
           [&]() -> Socket& { return events(); }, doing);
}

void Rtnetlink::WaitAddressUsable(const tcp::IpAddress& address) {
  std::string doing = "waiting for the local route of " + ToString(address);
  AskUntil([&] { return HasLocalRoute(&socket_, address, doing); },
           [&]() -> Socket& { return events(); }, doing);
}

}  // namespace finwait::netlink
