// Exact questions to sock_diag(7): what is this connection now?
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "netlink/socket.h"
#include "tcp/timeline.h"

namespace finwait::netlink {

struct DiagEntry {
  tcp::FourTuple tuple;
  tcp::SocketFacts facts;
};

// One sock_diag socket of one namespace. Open once; one thread at a time.
// Move-only.
class SockDiag {
 public:
  // Throws Unsupported if this kernel has no sock_diag for TCP.
  explicit SockDiag(const netns::Namespace& ns);

  // Looks one 4-tuple up: about 1 us, no table walk. `after - before` of the
  // Sample bounds when it was true. An answer whose 4-tuple differs (the
  // kernel falls through to a listener) counts as "no such socket".
  // IPv4 connections of IPv6 sockets (mapped addresses) are found, too.
  tcp::Sample Look(const tcp::FourTuple& tuple, bool with_info);

  // All sockets in the given states (bit n = state n); walks the whole hash
  // table of the host: 0.2 ms and more.
  std::vector<DiagEntry> Dump(std::uint32_t states, bool with_info);

  // SOCK_DESTROY, as ss -K: the socket whose cookie a look has told. The
  // kernel's answer as an errno value: 0, ENOENT without such a socket,
  // EOPNOTSUPP where it cannot (CONFIG_INET_DIAG_DESTROY; minisocks before
  // Linux 6.1).
  int TryDestroy(const tcp::FourTuple& tuple, std::uint64_t cookie);
  // Did that succeed?
  bool Destroy(const tcp::FourTuple& tuple, std::uint64_t cookie) {
    return TryDestroy(tuple, cookie) == 0;
  }

 private:
  Socket socket_;
};

}  // namespace finwait::netlink
