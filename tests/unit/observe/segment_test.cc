// Frames become segments, whatever is cut off or odd about them.
#include "observe/segment.h"

#include <gtest/gtest.h>

#include <vector>

namespace finwait::observe {
namespace {

using Frame = std::vector<std::uint8_t>;

void Append(Frame& frame, std::initializer_list<int> bytes) {
  for (const int byte : bytes) frame.push_back(static_cast<std::uint8_t>(byte));
}

void AppendTcp(Frame& frame) {
  Append(frame, {0x9c, 0x40, 0x1b, 0x58});              // 40000 > 7000
  Append(frame, {0, 0, 0, 1, 0, 0, 0, 2});              // seq 1, ack 2
  Append(frame, {0x50, 0x11, 0x01, 0x00, 0, 0, 0, 0});  // FIN|ACK, window 256
}

Frame Ipv4(int total_length = 43, int fragment = 0) {
  Frame frame(12);
  Append(frame, {0x08, 0x00});
  Append(frame, {0x45, 0, total_length >> 8, total_length & 0xff});
  Append(frame, {0, 0, fragment >> 8, fragment & 0xff, 64, 6, 0, 0});
  Append(frame, {10, 0, 0, 1, 10, 0, 0, 2});
  AppendTcp(frame);
  return frame;
}

Frame Ipv6() {
  Frame frame(12);
  Append(frame, {0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, 6, 64});
  Append(frame, {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  Append(frame, {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});
  AppendTcp(frame);
  return frame;
}

TEST(DecodeSegment, ReadsIpv4) {
  const auto segment = DecodeSegment(Ipv4(), TimePoint());
  ASSERT_TRUE(segment);
  EXPECT_EQ(ToString(segment->source), "10.0.0.1:40000");
  EXPECT_EQ(ToString(segment->destination), "10.0.0.2:7000");
  EXPECT_EQ(segment->packet.flags, tcp::kFin | tcp::kAck);
  EXPECT_EQ(segment->packet.seq, 1U);
  EXPECT_EQ(segment->packet.ack, 2U);
  EXPECT_EQ(segment->packet.window, 256U);
  EXPECT_EQ(segment->packet.length, 3U);
}

TEST(DecodeSegment, ReadsIpv6) {
  const auto segment = DecodeSegment(Ipv6(), TimePoint());
  ASSERT_TRUE(segment);
  EXPECT_EQ(ToString(segment->source), "[fd00::1]:40000");
  EXPECT_EQ(segment->packet.length, 0U);
}

TEST(DecodeSegment, LengthComesFromTheHeaderNotFromWhatWasCaptured) {
  const auto segment = DecodeSegment(Ipv4(1500), TimePoint());
  ASSERT_TRUE(segment);
  EXPECT_EQ(segment->packet.length, 1460U);
}

TEST(DecodeSegment, RefusesFragmentsAndOtherProtocols) {
  EXPECT_FALSE(DecodeSegment(Ipv4(43, 0x2000), TimePoint()));
  Frame udp = Ipv4();
  udp[23] = 17;
  EXPECT_FALSE(DecodeSegment(udp, TimePoint()));
}

TEST(DecodeSegment, RefusesEveryTruncation) {
  for (const Frame& whole : {Ipv4(), Ipv6()}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const Frame cut(whole.begin(),
                      whole.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_FALSE(DecodeSegment(cut, TimePoint())) << length;
    }
  }
}

}  // namespace
}  // namespace finwait::observe
