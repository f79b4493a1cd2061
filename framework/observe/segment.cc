// Decodes Ethernet, IPv4 (RFC 791), IPv6 (RFC 8200) and TCP (RFC 9293 3.1).
#include "observe/segment.h"

#include <algorithm>

namespace finwait::observe {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kEthernetHeader = 14;
constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;
constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kTcpHeader = 20;

// Kinds of options, and the lengths of those we read (RFC 9293 3.1, RFC 7323).
constexpr std::uint8_t kEndOfOptions = 0;
constexpr std::uint8_t kNoOperation = 1;
constexpr std::uint8_t kWindowScale = 3;
constexpr std::uint8_t kTimestamps = 8;
constexpr std::size_t kWindowScaleLength = 3;
constexpr std::size_t kTimestampsLength = 10;

std::uint16_t Word(Bytes b, std::size_t at) {
  return static_cast<std::uint16_t>(b[at] << 8 | b[at + 1]);
}

std::uint32_t Long(Bytes b, std::size_t at) {
  return static_cast<std::uint32_t>(Word(b, at)) << 16 | Word(b, at + 2);
}

tcp::IpAddress Address(Bytes bytes, tcp::Family family) {
  tcp::IpAddress address{.family = family};
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  return address;
}

// What the IP header says: the two addresses, where TCP starts, and how long
// header and payload of TCP are together.
struct Ip {
  tcp::IpAddress source;
  tcp::IpAddress destination;
  Bytes tcp;
  std::uint32_t tcp_length = 0;
};

std::optional<Ip> DecodeIpv4(Bytes b) {
  if (b.size() < 20 || b[9] != kProtocolTcp) return std::nullopt;
  const std::size_t header = std::size_t{4} * (b[0] & 0xfU);
  const bool fragment = (Word(b, 6) & 0x3fff) != 0;
  const std::uint32_t total = Word(b, 2);
  if (fragment || header < 20 || b.size() < header || total < header) {
    return std::nullopt;
  }
  return Ip{Address(b.subspan(12, 4), tcp::Family::kIpv4),
            Address(b.subspan(16, 4), tcp::Family::kIpv4), b.subspan(header),
            static_cast<std::uint32_t>(total - header)};
}

std::optional<Ip> DecodeIpv6(Bytes b) {
  if (b.size() < kIpv6Header || b[6] != kProtocolTcp) return std::nullopt;
  return Ip{Address(b.subspan(8, 16), tcp::Family::kIpv6),
            Address(b.subspan(24, 16), tcp::Family::kIpv6),
            b.subspan(kIpv6Header), Word(b, 4)};
}

std::optional<Ip> DecodeIp(Bytes frame) {
  if (frame.size() < kEthernetHeader) return std::nullopt;
  const Bytes rest = frame.subspan(kEthernetHeader);
  switch (Word(frame, 12)) {
    case kEtherTypeIpv4:
      return DecodeIpv4(rest);
    case kEtherTypeIpv6:
      return DecodeIpv6(rest);
    default:
      return std::nullopt;
  }
}

// Until something is cut off or odd about them.
void DecodeOptions(Bytes options, tcp::Packet* packet) {
  while (!options.empty() && options[0] != kEndOfOptions) {
    const bool alone = options[0] == kNoOperation;
    if (!alone && options.size() < 2) return;
    const std::size_t length = alone ? 1 : options[1];
    if (length > options.size() || (!alone && length < 2)) return;
    if (options[0] == kTimestamps && length == kTimestampsLength) {
      packet->timestamps = {Long(options, 2), Long(options, 6)};
    } else if (options[0] == kWindowScale && length == kWindowScaleLength) {
      packet->window_scale = options[2];
    }
    options = options.subspan(length);
  }
}

}  // namespace

std::optional<Segment> DecodeSegment(Bytes frame, TimePoint at) {
  const auto ip = DecodeIp(frame);
  if (!ip || ip->tcp.size() < kTcpHeader) return std::nullopt;
  const Bytes tcp = ip->tcp;
  const std::uint32_t header = (tcp[12] >> 4) * 4U;
  if (header < kTcpHeader || ip->tcp_length < header) return std::nullopt;
  Segment segment{.source = {ip->source, Word(tcp, 0)},
                  .destination = {ip->destination, Word(tcp, 2)},
                  .packet = {.at = at,
                             .flags = tcp[13],
                             .seq = Long(tcp, 4),
                             .ack = Long(tcp, 8),
                             .window = Word(tcp, 14),
                             .length = ip->tcp_length - header}};
  const std::size_t options = std::min<std::size_t>(header, tcp.size());
  DecodeOptions(tcp.first(options).subspan(kTcpHeader), &segment.packet);
  return segment;
}

}  // namespace finwait::observe
