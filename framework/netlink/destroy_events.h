// The kernel's notice that a TCP socket has been freed.
#pragma once

#include <functional>

#include "netlink/socket.h"
#include "tcp/address.h"

namespace finwait::netlink {

// Multicast of sock_diag (SKNLGRP_INET_TCP_DESTROY and its IPv6 twin) of one
// namespace. It comes when the full socket is freed, which for an orphan is
// its move into a timewait minisock (Linux: net/core/sock.c __sk_free()).
// Needs no privilege beyond the namespace. One thread at a time.
class DestroyEvents {
 public:
  explicit DestroyEvents(const netns::Namespace& ns);
  int fd() const;
  // Hands over the waiting notices. Never blocks.
  void Drain(const std::function<void(const tcp::FourTuple&,
                                      std::uint64_t cookie)>& sink);
  // Times the kernel found the socket's buffer full.
  std::uint64_t overruns() const { return overruns_; }

 private:
  Socket socket_;
  std::uint64_t overruns_ = 0;
};

}  // namespace finwait::netlink
