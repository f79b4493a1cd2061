// What is built is what a capture would decode, with checksums that are right.
#include "lab/raw_packet.h"

#include <gtest/gtest.h>

#include <vector>

namespace finwait::lab {
namespace {

observe::Segment SegmentBetween(const char* from, const char* to) {
  return {.source = {*tcp::ParseIpAddress(from), 40000},
          .destination = {*tcp::ParseIpAddress(to), 7000},
          .packet = {.flags = tcp::kFin | tcp::kAck,
                     .seq = 0xfffffff0,
                     .ack = 17,
                     .window = 512,
                     .length = 5,
                     .timestamps = tcp::Timestamps{100, 200}}};
}

std::vector<std::uint8_t> FrameOf(const std::string& packet) {
  std::vector<std::uint8_t> frame(14);
  const bool ipv4 = (packet[0] & 0xf0) == 0x40;
  frame[12] = ipv4 ? 0x08 : 0x86;
  frame[13] = ipv4 ? 0x00 : 0xdd;
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

// RFC 1071: the sum over everything, checksum included, is all ones.
std::uint32_t Sum(const std::string& bytes, std::uint32_t sum) {
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto byte = static_cast<std::uint8_t>(bytes[n]);
    sum += n % 2 == 0 ? byte << 8 : byte;
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

void ExpectDecodes(const observe::Segment& segment, std::size_t addresses_at,
                   std::size_t tcp_at) {
  const std::string packet = RawPacket(segment, "hello");
  const auto decoded = observe::DecodeSegment(FrameOf(packet), TimePoint());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->source, segment.source);
  EXPECT_EQ(decoded->destination, segment.destination);
  EXPECT_EQ(decoded->packet.flags, segment.packet.flags);
  EXPECT_EQ(decoded->packet.seq, segment.packet.seq);
  EXPECT_EQ(decoded->packet.ack, segment.packet.ack);
  EXPECT_EQ(decoded->packet.window, segment.packet.window);
  EXPECT_EQ(decoded->packet.length, 5U);
  ASSERT_TRUE(decoded->packet.timestamps);
  EXPECT_EQ(decoded->packet.timestamps->value, 100U);
  EXPECT_EQ(decoded->packet.timestamps->echo, 200U);
  const auto tcp_length = static_cast<std::uint32_t>(packet.size() - tcp_at);
  const std::string addresses =
      packet.substr(addresses_at, tcp_at - addresses_at);
  EXPECT_EQ(Sum(packet.substr(tcp_at), Sum(addresses, 6 + tcp_length)),
            0xffffU);
}

TEST(RawPacket, IsIpv4) {
  ExpectDecodes(SegmentBetween("10.0.0.1", "10.0.0.2"), 12, 20);
}

TEST(RawPacket, IsIpv6) {
  ExpectDecodes(SegmentBetween("fd00::1", "fd00::2"), 8, 40);
}

}  // namespace
}  // namespace finwait::lab
