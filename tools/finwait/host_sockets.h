// What the sockets of a host are now, and whose.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "change_queue.h"
#include "netlink/sock_diag.h"
#include "process/holders.h"
#include "report/watched.h"

namespace finwait::tools {

// Only asks (sock_diag, /proc). `ns` must outlive it. One thread at a time.
class HostSockets {
 public:
  explicit HostSockets(const netns::Namespace& ns) : diag_(ns), holders_(ns) {}

  // All connections that are selected.
  std::vector<report::WatchedSocket> Standing(
      const report::Selection& selection);

  // Looks at the socket of a change, where that tells more than the observer's
  // last look: the kernel told of the change first, or the socket was about to
  // become a minisock.
  void LookAgain(SeenChange& change);

  // Who has the socket, had it last, or listens for it.
  std::vector<tcp::Owner> OwnersOf(const SeenChange& change);
  // Who has it now.
  std::vector<tcp::Owner> OwnersOf(const tcp::EndpointTimeline& endpoint);

 private:
  std::vector<tcp::Owner> OwnersOf(const tcp::FourTuple& tuple,
                                   const tcp::SocketFacts& facts);
  std::vector<tcp::Owner> ListenersAt(std::uint16_t port);

  netlink::SockDiag diag_;
  process::Holders holders_;
  std::multimap<std::uint16_t, std::uint32_t> listeners_;  // port to inode
  TimePoint next_listing_{};
};

}  // namespace finwait::tools
