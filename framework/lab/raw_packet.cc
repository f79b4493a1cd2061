#include "lab/raw_packet.h"

#include <cstdint>

namespace finwait::lab {
namespace {

using observe::Segment;
using tcp::Family;

constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kHopLimit = 64;
constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kChecksumAt = 16;  // in the TCP header

void Put8(std::string& bytes, std::uint32_t value) {
  bytes.push_back(static_cast<char>(value & 0xff));
}

void Put16(std::string& bytes, std::uint32_t value) {
  Put8(bytes, value >> 8);
  Put8(bytes, value);
}

void Put32(std::string& bytes, std::uint32_t value) {
  Put16(bytes, value >> 16);
  Put16(bytes, value);
}

std::string AddressBytes(const tcp::IpAddress& address) {
  const std::size_t length = address.family == Family::kIpv4 ? 4 : 16;
  return {address.bytes.begin(), address.bytes.begin() + length};
}

std::string Addresses(const Segment& segment) {
  return AddressBytes(segment.source.ip) + AddressBytes(segment.destination.ip);
}

// Two NOPs make the option a multiple of four bytes (RFC 7323 appendix A).
std::string Options(const tcp::Packet& packet) {
  std::string bytes;
  if (!packet.timestamps) return bytes;
  Put32(bytes, 0x0101080a);
  Put32(bytes, packet.timestamps->value);
  Put32(bytes, packet.timestamps->echo);
  return bytes;
}

std::string TcpSegment(const Segment& segment, const std::string& data) {
  const tcp::Packet& packet = segment.packet;
  const std::string options = Options(packet);
  std::string bytes;
  Put16(bytes, segment.source.port);
  Put16(bytes, segment.destination.port);
  Put32(bytes, packet.seq);
  Put32(bytes, packet.ack);
  Put8(bytes, static_cast<std::uint32_t>(kTcpHeader + options.size()) / 4 << 4);
  Put8(bytes, packet.flags);
  Put16(bytes, packet.window);
  Put32(bytes, 0);  // checksum, urgent pointer
  return bytes + options + data;
}

// Of the pseudo header and the segment (RFC 9293 section 3.1; RFC 1071).
std::uint16_t Checksum(const Segment& segment, const std::string& tcp) {
  std::string bytes = Addresses(segment);
  Put32(bytes, static_cast<std::uint32_t>(tcp.size()));
  Put32(bytes, kProtocolTcp);
  bytes += tcp;
  if (bytes.size() % 2 != 0) Put8(bytes, 0);
  std::uint32_t sum = 0;
  for (std::size_t n = 0; n < bytes.size(); n += 2) {
    sum += static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[n])) << 8;
    sum += static_cast<std::uint8_t>(bytes[n + 1]);
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::string IpHeader(const Segment& segment, std::size_t payload) {
  std::string bytes;
  const auto length = static_cast<std::uint32_t>(payload);
  if (segment.source.ip.family == Family::kIpv4) {
    Put16(bytes, 0x4500);  // version 4, five words
    Put16(bytes, 20 + length);
    Put32(bytes, 0x4000);  // identification by the kernel, do not fragment
    Put8(bytes, kHopLimit);
    Put8(bytes, kProtocolTcp);
    Put16(bytes, 0);  // checksum by the kernel
  } else {
    Put32(bytes, 0x60000000);  // version 6
    Put16(bytes, length);
    Put8(bytes, kProtocolTcp);
    Put8(bytes, kHopLimit);
  }
  return bytes + Addresses(segment);
}

}  // namespace

std::string RawPacket(const Segment& segment, const std::string& data) {
  std::string tcp = TcpSegment(segment, data);
  const std::uint16_t checksum = Checksum(segment, tcp);
  tcp[kChecksumAt] = static_cast<char>(checksum >> 8);
  tcp[kChecksumAt + 1] = static_cast<char>(checksum & 0xff);
  return IpHeader(segment, tcp.size()) + tcp;
}

}  // namespace finwait::lab
