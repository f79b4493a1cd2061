// Addresses in the form system calls take. Internal to lab/.
#pragma once

#include <sys/socket.h>

#include "process/actor.h"
#include "tcp/address.h"

namespace finwait::lab {

// Puts an address into a call.
void SetAddress(process::Call& call, const tcp::SocketAddress& address);

// The address a call returned; an IPv4-mapped one as IPv4.
tcp::SocketAddress AddressOf(const sockaddr_storage& storage);

}  // namespace finwait::lab
