// Packets of real runs, read back by libpcap.
#include "report/pcapng.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <cstdio>
#include <memory>

#include "lab/run.h"
#include "lab/session.h"
#include "netns/user_namespace.h"
#include "scenario/load.h"
#include "unit/report/pcapng_reader.h"

namespace finwait::report {
namespace {

using finwait::testing::PcapngBlock;
using finwait::testing::ReadPcapng;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

judge::Result Play(const std::string& scenario, std::size_t which) {
  const std::filesystem::path file =
      std::filesystem::path(FINWAIT_TOPOLOGIES "/../tests/scenarios") /
      scenario;
  netns::EnsurePrivilege();
  const auto loaded =
      scenario::LoadScenario(file, scenario::TopologiesFor(file));
  return lab::Run(loaded.cases.at(which), {.keep_frames = true});
}

// Lengths of the packets, as libpcap reads them from a file without a name.
std::vector<std::uint32_t> LengthsByLibpcap(const std::string& pcapng) {
  FILE* file = tmpfile();
  if (file == nullptr) throw std::runtime_error("no temporary file");
  fwrite(pcapng.data(), 1, pcapng.size(), file);
  rewind(file);
  char text[PCAP_ERRBUF_SIZE] = "";
  const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(
      pcap_fopen_offline(file, text), pcap_close);  // owns the file
  if (!handle) throw std::runtime_error(text);
  EXPECT_EQ(pcap_datalink(handle.get()), DLT_EN10MB);
  std::vector<std::uint32_t> lengths;
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  while (pcap_next_ex(handle.get(), &header, &bytes) == 1) {
    lengths.push_back(header->len);
  }
  EXPECT_STREQ(pcap_geterr(handle.get()), "");
  return lengths;
}

std::vector<std::string> CommentsIn(const std::string& pcapng) {
  std::vector<std::string> all;
  for (const PcapngBlock& block : ReadPcapng(pcapng)) {
    const auto comments = block.comments();
    all.insert(all.end(), comments.begin(), comments.end());
  }
  return all;
}

// A SYN and its RST, each at both ends.
TEST(PcapngOfARun, HoldsEveryPacketOfBothEnds) {
  for (const std::size_t family : {0, 1}) {
    const judge::Result result = Play("opening/refused.toml", family);
    ASSERT_EQ(result.verdict, judge::Verdict::kPass) << result.reason;
    const auto& frames = result.timeline.frames;
    ASSERT_THAT(frames, SizeIs(4));
    if (TimeIsVirtual()) continue;  // they have one time, and so no order
    EXPECT_TRUE(frames[0].sent);
    EXPECT_FALSE(frames[1].sent);
    EXPECT_TRUE(frames[2].sent);
    EXPECT_FALSE(frames[3].sent);
    EXPECT_EQ(frames[0].interface, frames[3].interface);
    EXPECT_EQ(frames[1].interface, frames[2].interface);
    EXPECT_THAT(result.timeline.interfaces[frames[0].interface],
                HasSubstr("client:eth"));
  }
}

TEST(PcapngOfARun, IsReadByLibpcap) {
  const judge::Result result = Play("opening/refused.toml", 0);
  const std::string pcapng = Pcapng(result);
  std::vector<std::uint32_t> lengths;
  for (const tcp::Frame& frame : result.timeline.frames) {
    lengths.push_back(frame.length);
  }
  EXPECT_EQ(LengthsByLibpcap(pcapng), lengths);
  EXPECT_THAT(CommentsIn(pcapng),
              AllOf(Contains("client conn: SYN_SENT (sent SYN)"),
                    Contains("client conn: SYN_SENT > CLOSED (received RST)"),
                    Contains(HasSubstr("step 1: client: connect("))));
}

// A bridge's port is an end of a link, too, and who sent what is known there
// though its frames are not its own.
TEST(PcapngOfARun, SeesPacketsGoThroughABridge) {
  netns::EnsurePrivilege();
  scenario::Scenario scenario;
  scenario.topology =
      scenario::LoadTopology(FINWAIT_TOPOLOGIES "/lan.toml").topology;
  scenario::Connect connect;
  connect.as = "conn";
  connect.to.host = "host2";
  connect.to.port = 7000;
  connect.family = tcp::Family::kIpv4;
  lab::Session session(scenario, {.keep_frames = true});
  scenario::Step step;
  step.host = "host1";
  step.action = connect;
  step.expected.fails = "ECONNREFUSED";
  EXPECT_FALSE(session.Play(step));
  const tcp::Timeline timeline = session.Finish();
  std::vector<std::string> way;
  for (const tcp::Frame& frame : timeline.frames) {
    way.push_back(timeline.interfaces[frame.interface] +
                  (frame.sent ? " sent" : " received"));
  }
  const std::vector<std::string> expected = {
      "host1:eth0 sent",     "switch:port1 received", "switch:port2 sent",
      "host2:eth0 received", "host2:eth0 sent",       "switch:port2 received",
      "switch:port1 sent",   "host1:eth0 received"};
  if (TimeIsVirtual()) {
    // All at one moment, and to every port: nobody has spoken yet.
    EXPECT_THAT(way, IsSupersetOf(expected));
  } else {
    EXPECT_THAT(way, ElementsAreArray(expected));
  }
}

TEST(PcapngOfARun, NothingIsKeptUnlessAskedFor) {
  const std::filesystem::path file =
      FINWAIT_TOPOLOGIES "/../tests/scenarios/opening/refused.toml";
  netns::EnsurePrivilege();
  const auto loaded =
      scenario::LoadScenario(file, scenario::TopologiesFor(file));
  const judge::Result result = lab::Run(loaded.cases.at(0), {});
  EXPECT_THAT(result.timeline.frames, IsEmpty());
  EXPECT_THAT(result.timeline.interfaces, IsEmpty());
}

}  // namespace
}  // namespace finwait::report
