// What goes into system calls and comes out of them: addresses, options, data.
// Internal to lab/.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "process/actor.h"
#include "scenario/socket_option.h"
#include "tcp/address.h"

namespace finwait::lab {

// Puts an address into a call.
void SetAddress(process::Call& call, const tcp::SocketAddress& address);

// The address a call returned; an IPv4-mapped one as IPv4.
tcp::SocketAddress AddressOf(const sockaddr_storage& storage);

// An option's value as setsockopt(2) takes it, and back.
std::string OptionBytes(const scenario::SocketOption& option,
                        std::int64_t value);
std::int64_t OptionValue(const scenario::SocketOption& option,
                         const std::string& bytes);

// A recognisable, position-dependent filling for "send N bytes".
std::string Pattern(std::uint64_t bytes);

}  // namespace finwait::lab
