// The addresses at which a namespace takes packets for its own.
#pragma once

#include <vector>

#include "netns/namespace.h"
#include "tcp/address.h"

namespace finwait::netlink {

// The destinations of its local routes: every address it has, and whole
// networks such as 127.0.0.0/8. As of now.
std::vector<tcp::IpPrefix> LocalNetworks(const netns::Namespace& ns);

}  // namespace finwait::netlink
