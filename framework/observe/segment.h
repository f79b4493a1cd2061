// Frames from a capture as TCP segments. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "tcp/timeline.h"

namespace finwait::observe {

// One TCP segment on its way from `source` to `destination`. Its `packet` has
// everything but the direction, which depends on whose it is.
struct Segment {
  tcp::SocketAddress source;
  tcp::SocketAddress destination;
  tcp::Packet packet;
};

// Decodes an Ethernet frame that may be cut off after tcp::kFrameBytes. The
// payload length comes from the IP header. Empty for anything but an
// unfragmented TCP segment directly in IPv4 or IPv6.
std::optional<Segment> DecodeSegment(std::span<const std::uint8_t> frame,
                                     TimePoint at);

}  // namespace finwait::observe
