// Reads SKNLGRP_INET_TCP_DESTROY (Linux: net/core/sock_diag.c
// sock_diag_broadcast_destroy()).
#include "netlink/destroy_events.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/error.h"

namespace finwait::netlink {
namespace {

// Room for notices while the reader is kept waiting: about 300 bytes each.
constexpr int kBuffer = 1 << 20;

tcp::SocketAddress Address(const inet_diag_msg& message, const __be32* words,
                           __be16 port) {
  tcp::SocketAddress address;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(words);
  const bool mapped =
      words[0] == 0 && words[1] == 0 && words[2] == htonl(0xffff);
  if (message.idiag_family == AF_INET6 && !mapped) {
    address.ip.family = tcp::Family::kIpv6;
    std::copy_n(bytes, 16, address.ip.bytes.begin());
  } else {
    const int offset = message.idiag_family == AF_INET6 ? 12 : 0;
    std::copy_n(bytes + offset, 4, address.ip.bytes.begin());
  }
  address.port = ntohs(port);
  return address;
}

}  // namespace

DestroyEvents::DestroyEvents(const netns::Namespace& ns)
    : socket_(ns, NETLINK_SOCK_DIAG) {
  nl_socket_set_buffer_size(socket_.get(), kBuffer, 0);
  for (const int group :
       {SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY}) {
    const int error = nl_socket_add_membership(socket_.get(), group);
    if (error < 0)
      throw Error("listening for destroyed sockets", nl_geterror(error));
  }
}

int DestroyEvents::fd() const { return nl_socket_get_fd(socket_.get()); }

void DestroyEvents::Drain(
    const std::function<void(const tcp::FourTuple&, std::uint64_t)>& sink) {
  alignas(nlmsghdr) std::array<std::uint8_t, 8192> buffer;
  while (true) {
    const ssize_t got = recv(fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == ENOBUFS) {
      ++overruns_;
      continue;
    }
    if (got <= 0) return;
    auto left = static_cast<unsigned>(got);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data());
         NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) continue;
      const auto& message =
          *static_cast<const inet_diag_msg*>(NLMSG_DATA(header));
      const inet_diag_sockid& id = message.id;
      const std::uint64_t cookie =
          id.idiag_cookie[0] | static_cast<std::uint64_t>(id.idiag_cookie[1])
                                   << 32;
      sink({Address(message, id.idiag_src, id.idiag_sport),
            Address(message, id.idiag_dst, id.idiag_dport)},
           cookie);
    }
  }
}

}  // namespace finwait::netlink
