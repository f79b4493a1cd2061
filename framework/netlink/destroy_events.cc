// Reads SKNLGRP_INET_TCP_DESTROY (Linux: net/core/sock_diag.c
// sock_diag_broadcast_destroy()).
#include "netlink/destroy_events.h"

#include <linux/sock_diag.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "base/error.h"
#include "netlink/diag_message.h"

namespace finwait::netlink {
namespace {

// Room for notices while the reader is kept waiting: about 300 bytes each.
constexpr int kBuffer = 1 << 20;

}  // namespace

DestroyEvents::DestroyEvents(const netns::Namespace& ns)
    : socket_(ns, NETLINK_SOCK_DIAG) {
  nl_socket_set_buffer_size(socket_.get(), kBuffer, 0);
  socket_.Join(SKNLGRP_INET_TCP_DESTROY);
  socket_.Join(SKNLGRP_INET6_TCP_DESTROY);
}

int DestroyEvents::fd() const { return socket_.fd(); }

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
      sink(TupleOf(message), cookie);
    }
  }
}

}  // namespace finwait::netlink
