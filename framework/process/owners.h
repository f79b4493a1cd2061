// Which processes hold a socket.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "netns/namespace.h"
#include "tcp/timeline.h"

namespace finwait::process {

// All descriptors of TCP sockets held by processes in the network namespace
// `ns`, by socket inode. Reads /proc; processes that go away or may not be
// read are left out. Milliseconds on a host with many processes.
std::multimap<std::uint32_t, tcp::Owner> SocketOwners(
    const netns::Namespace& ns);

}  // namespace finwait::process
