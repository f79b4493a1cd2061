// Which processes hold a socket.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "netns/namespace.h"
#include "tcp/timeline.h"

namespace finwait::process {

// All descriptors of sockets, TCP or other, held by processes in the network
// namespace `ns`, by socket inode (what sock_diag calls idiag_inode), with pids
// as our /proc shows them. Processes that go away or may not be read are left
// out. Milliseconds on a host with many processes.
std::multimap<std::uint32_t, tcp::Owner> SocketOwners(
    const netns::Namespace& ns);

}  // namespace finwait::process
