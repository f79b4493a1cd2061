// Packets as Wireshark gets them, block by block.
#include "report/pcapng.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/report/pcapng_reader.h"
#include "unit/timeline_builder.h"

namespace finwait::report {
namespace {

using finwait::testing::At;
using finwait::testing::NumberAt;
using finwait::testing::PcapngBlock;
using finwait::testing::ReadPcapng;
using finwait::testing::TimelineBuilder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;
using enum tcp::TcpState;

constexpr std::uint32_t kSection = 0x0a0d0d0a;
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kPacket = 6;
constexpr std::size_t kClient = 0;
constexpr std::size_t kServer = 1;

void AddFrame(TimelineBuilder& run, Duration at, std::size_t interface,
              bool sent, std::size_t bytes = 54) {
  run.Raw().frames.push_back({.at = At(at),
                              .interface = interface,
                              .sent = sent,
                              .length = static_cast<std::uint32_t>(bytes + 10),
                              .bytes = std::vector<std::uint8_t>(bytes, 'x')});
}

// A client that closes, and a timer at the end.
TimelineBuilder Orphan() {
  TimelineBuilder run;
  run.Raw().interfaces = {"client:eth0", "server:eth0"};
  run.Step(1, "client", "client: close(conn)", 9ms, 10ms, "conn");
  run.Endpoint("client", "conn")
      .Enter(kFinWait1, 10ms, "sent FIN")
      .Packet(10ms, true, tcp::kFin | tcp::kAck)
      .Packet(12ms, false, tcp::kAck)
      .Enter(kFinWait2, 12ms, "received ACK of FIN")
      .Enter(kClosed, 1012ms, "timewait timer");
  run.Endpoint("server", "conn")
      .Packet(11ms, false, tcp::kFin | tcp::kAck)
      .Enter(kCloseWait, 11ms + 3us, "received FIN", 3us)
      .Packet(11500us, true, tcp::kAck);
  AddFrame(run, 10ms, kClient, true);
  AddFrame(run, 11ms, kServer, false, 55);
  AddFrame(run, 11500us, kServer, true, 56);
  AddFrame(run, 12ms, kClient, false, 57);
  return run;
}

std::vector<PcapngBlock> Blocks(const TimelineBuilder& run,
                                std::vector<std::string> comments = {}) {
  return ReadPcapng(Pcapng(run.Build(), std::move(comments), "6.1.0"));
}

std::vector<PcapngBlock> Only(std::uint32_t type,
                              std::vector<PcapngBlock> blocks) {
  std::erase_if(blocks, [&](const auto& block) { return block.type != type; });
  return blocks;
}

TEST(Pcapng, BeginsWithASectionThatSaysWhoWroteIt) {
  const auto blocks = Blocks(Orphan(), {"a title", "fail"});
  const PcapngBlock& section = blocks.at(0);
  EXPECT_EQ(section.type, kSection);
  EXPECT_EQ(NumberAt<std::uint32_t>(section.fixed, 0), 0x1a2b3c4dU);
  EXPECT_EQ(NumberAt<std::uint16_t>(section.fixed, 4), 1);
  EXPECT_EQ(NumberAt<std::uint16_t>(section.fixed, 6), 0);
  EXPECT_THAT(section.comments(), ElementsAre("a title", "fail"));
  EXPECT_THAT(section.All(3), ElementsAre("Linux 6.1.0"));
  EXPECT_THAT(section.All(4), ElementsAre("finwait"));
}

TEST(Pcapng, NamesAnInterfaceForEachEndOfALink) {
  const auto interfaces = Only(kInterface, Blocks(Orphan()));
  ASSERT_THAT(interfaces, SizeIs(2));
  EXPECT_EQ(NumberAt<std::uint16_t>(interfaces[0].fixed, 0), 1);  // Ethernet
  EXPECT_EQ(NumberAt<std::uint32_t>(interfaces[0].fixed, 4), 128U);
  EXPECT_THAT(interfaces[0].All(2), ElementsAre("client:eth0"));
  EXPECT_THAT(interfaces[1].All(2), ElementsAre("server:eth0"));
  EXPECT_THAT(interfaces[1].All(9), ElementsAre("\x09"));
}

TEST(Pcapng, StampsPacketsWithTheWallClock) {
  TimelineBuilder run = Orphan();
  run.Raw().realtime_offset = std::chrono::hours(24 * 365 * 50) + 7ns;
  const auto packets = Only(kPacket, Blocks(run));
  ASSERT_THAT(packets, SizeIs(4));
  const PcapngBlock& last = packets[3];
  const std::uint64_t high = NumberAt<std::uint32_t>(last.fixed, 4);
  const std::uint64_t low = NumberAt<std::uint32_t>(last.fixed, 8);
  const Duration expected =
      At(12ms).time_since_epoch() + run.Raw().realtime_offset;
  EXPECT_EQ(high << 32 | low, static_cast<std::uint64_t>(expected.count()));
  EXPECT_EQ(NumberAt<std::uint32_t>(last.fixed, 0), kClient);
  EXPECT_EQ(NumberAt<std::uint32_t>(last.fixed, 16), 67U);  // on the wire
  EXPECT_EQ(last.data, std::string(57, 'x'));
}

TEST(Pcapng, SaysWhichWayPacketsWent) {
  const auto packets = Only(kPacket, Blocks(Orphan()));
  EXPECT_EQ(NumberAt<std::uint32_t>(packets[0].All(2).at(0), 0), 2U);
  EXPECT_EQ(NumberAt<std::uint32_t>(packets[1].All(2).at(0), 0), 1U);
}

TEST(Pcapng, TransitionsAndStepsAreCommentsOnThePacketsAroundThem) {
  const auto packets = Only(kPacket, Blocks(Orphan()));
  EXPECT_THAT(packets[0].comments(),
              ElementsAre("1ms before: step 1: client: close(conn)",
                          "client conn: FIN_WAIT1 (sent FIN)"));
  EXPECT_THAT(packets[1].comments(),
              ElementsAre("server conn: CLOSE_WAIT (received FIN)"));
  EXPECT_THAT(packets[2].comments(), IsEmpty());
  EXPECT_THAT(
      packets[3].comments(),
      ElementsAre("client conn: FIN_WAIT1 > FIN_WAIT2 (received ACK of FIN)",
                  "1s later: client conn: FIN_WAIT2 > CLOSED (timewait "
                  "timer)"));
}

// A kernel event tells the moment of the change, a queue delays the segment.
TEST(Pcapng, ASegmentIsFoundThoughItPassedLater) {
  TimelineBuilder run;
  run.Raw().interfaces = {"client:eth0", "server:eth0"};
  run.Endpoint("client", "conn")
      .Enter(kFinWait1, 10ms, "sent FIN")
      .Packet(5ms, true, tcp::kAck)
      .Packet(110ms, true, tcp::kFin | tcp::kAck)
      .Packet(310ms, true, tcp::kFin | tcp::kAck);
  AddFrame(run, 5ms, kClient, true);
  AddFrame(run, 110ms, kClient, true);
  AddFrame(run, 310ms, kClient, true);
  const auto packets = Only(kPacket, Blocks(run));
  EXPECT_THAT(packets[1].comments(),
              ElementsAre("client conn: FIN_WAIT1 (sent FIN)"));
}

// The capture's stamp is converted from another clock than the event's.
TEST(Pcapng, ASegmentIsFoundThoughItsStampIsALittleLate) {
  TimelineBuilder run;
  run.Raw().interfaces = {"client:eth0", "server:eth0"};
  run.Endpoint("server", "conn")
      .Enter(kCloseWait, 10ms, "received FIN")
      .Packet(10ms + 2us, false, tcp::kFin | tcp::kAck);
  AddFrame(run, 9ms, kServer, true);
  AddFrame(run, 10ms + 2us, kServer, false);
  const auto packets = Only(kPacket, Blocks(run));
  EXPECT_THAT(packets[1].comments(),
              ElementsAre("server conn: CLOSE_WAIT (received FIN)"));
}

TEST(Pcapng, WithoutAPacketOfThatHostAnotherStandsIn) {
  TimelineBuilder run;
  run.Raw().interfaces = {"client:eth0", "server:eth0"};
  AddFrame(run, 10ms, kClient, true);
  run.Step(1, "server", "server: listen(7000)", 1ms, 1ms);
  run.Step(2, "", "wait for 1s", 12ms, 1s);
  EXPECT_THAT(Only(kPacket, Blocks(run)).at(0).comments(),
              ElementsAre("9ms before: step 1: server: listen(7000)",
                          "2ms later: step 2: wait for 1s"));
}

TEST(Pcapng, WithoutPacketsItIsStillAFile) {
  TimelineBuilder run;
  run.Endpoint("client", "conn").Enter(kSynSent, 1ms, "sent SYN");
  run.Step(1, "client", "client: connect(conn)", 1ms, 1ms);
  EXPECT_THAT(Blocks(run), SizeIs(1));
}

TEST(Pcapng, SaysWhatIsMissing) {
  TimelineBuilder run = Orphan();
  run.Raw().packets_dropped = 3;
  run.Raw().sources.push_back({.name = "frames",
                               .used = true,
                               .detail = "no room",
                               .events = 4,
                               .lost = 1});
  EXPECT_THAT(
      Blocks(run)[0].comments(),
      ElementsAre("the capture lost 3 packets", "1 packet more: no room"));
}

TEST(Pcapng, CutsACommentThatIsTooLong) {
  std::string text = "x";
  while (text.size() < 100'000) text += "é";
  const auto comments = Blocks(Orphan(), {text})[0].comments();
  EXPECT_EQ(comments.at(0), text.substr(0, 65535));
  const auto odd = Blocks(Orphan(), {"x" + text})[0].comments();
  EXPECT_EQ(odd.at(0), ("x" + text).substr(0, 65534));
}

TEST(Pcapng, SaysTheVerdictAndWhy) {
  judge::Result result;
  result.scenario.file = "some/orphan.toml";
  result.scenario.title = "A title";
  result.timeline = Orphan().Build();
  result.verdict = judge::Verdict::kFail;
  judge::Finding& finding = result.findings.emplace_back();
  finding.verdict = judge::Verdict::kFail;
  finding.subject = "client conn: FIN_WAIT2";
  finding.expected = "lasts 5s";
  finding.actual = "lasted 1s";
  EXPECT_THAT(ReadPcapng(Pcapng(result))[0].comments(),
              ElementsAre("A title", "orphan.toml: fail",
                          "fail: client conn: FIN_WAIT2: expected lasts 5s, "
                          "but lasted 1s"));
}

TEST(PcapngName, IsFitForAFile) {
  scenario::Scenario one;
  one.file = "some/orphan.toml";
  EXPECT_EQ(PcapngName(one), "orphan.pcapng");
  one.case_name = "to=10.0.0.0/8, n=1";
  EXPECT_EQ(PcapngName(one), "orphan[to=10.0.0.0_8, n=1].pcapng");
  EXPECT_EQ(PcapngName("../a\nb"), "_._a_b.pcapng");
  EXPECT_THAT(PcapngName(std::string(300, 'x')), SizeIs(207));
}

}  // namespace
}  // namespace finwait::report
