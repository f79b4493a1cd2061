// Arithmetic of sequence numbers (RFC 9293 section 3.4). Pure; any thread.
#pragma once

#include <cstdint>

#include "tcp/timeline.h"

namespace finwait::tcp {

// Is `a` later than `b`? They compare in a circle of 2^32.
constexpr bool After(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) > 0;
}

// The number after everything the segment occupies: its octets, SYN and FIN.
constexpr std::uint32_t EndOf(const Packet& packet) {
  return packet.seq + packet.length + ((packet.flags & kSyn) != 0 ? 1 : 0) +
         ((packet.flags & kFin) != 0 ? 1 : 0);
}

}  // namespace finwait::tcp
