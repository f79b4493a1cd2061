// A result survives the way from a guest to its host.
#include "report/transcript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "report/pcapng.h"
#include "report/terminal.h"

namespace finwait::report {
namespace {

using std::chrono::milliseconds;

TimePoint At(int ms) { return TimePoint(milliseconds(ms)); }

tcp::EndpointTimeline Endpoint() {
  tcp::EndpointTimeline endpoint;
  endpoint.host = "client";
  endpoint.connection = "conn";
  endpoint.tuple.local.ip = *tcp::ParseIpAddress("fd00::1");
  endpoint.tuple.local.port = 7000;
  endpoint.cookie = 0xfedcba9876543210;
  endpoint.options = {{"TCP_LINGER2", -1}};
  endpoint.transitions = {{.from = tcp::TcpState::kFinWait2,
                           .to = tcp::TcpState::kClosed,
                           .at = At(5000),
                           .earliest = At(4999),
                           .latest = At(5001),
                           .source = tcp::Source::kTracepoint,
                           .cause = "timewait timer"}};
  tcp::SocketFacts facts{.state = tcp::TcpState::kFinWait1, .inode = 7};
  facts.info = tcp::TcpInfo{.rto = milliseconds(204), .segs_in = 3};
  facts.shutdown = 3;
  endpoint.samples = {{.before = At(1), .after = At(2), .facts = facts},
                      {.before = At(3), .after = At(4)}};
  endpoint.timers = {{.at = At(10), .requested = At(5010), .slot = At(5250)}};
  endpoint.packets = {{.at = At(1), .sent = true, .flags = tcp::kFin}};
  endpoint.owners = {{.pid = 12, .command = "nginx", .descriptor = 3}};
  return endpoint;
}

judge::Result Everything() {
  judge::Result result;
  result.scenario.file = "orphan.toml";
  result.scenario.differences.resize(3);
  result.verdict = judge::Verdict::kFail;
  result.findings = {{.verdict = judge::Verdict::kFail,
                      .place = {.file = "orphan.toml", .line = 3, .column = 1},
                      .subject = "client conn: FIN_WAIT2",
                      .actual = "lasted 5s",
                      .margin = milliseconds(-3),
                      .around = At(5000)}};
  result.environment = {.hz = 100,
                        .kernel = "7.3",
                        .sysctls = {{"client", {{"a.b", -5}}}},
                        .differences = {0, 2}};
  result.blame = {"nobody"};
  result.retakes = {"close() was late"};
  tcp::Timeline& timeline = result.timeline;
  timeline.begin = At(0);
  timeline.end = At(6000);
  timeline.endpoints = {Endpoint()};
  timeline.steps = {{.number = 1, .text = "client: close(conn)"}};
  timeline.programs = {{.name = "cat", .exit_code = 1, .output = "\xff\n"}};
  timeline.counters = {{"client", {{"TcpExtTW", 1}}}};
  timeline.interfaces = {"client:eth0"};
  timeline.frames = {{.at = At(1), .length = 60, .bytes = {0, 255, 7}}};
  return result;
}

TEST(Transcript, IsTheSameResult) {
  const judge::Result before = Everything();
  const std::string bytes = WriteTranscript(before);
  const judge::Result after = ReadTranscript(bytes, before.scenario);

  EXPECT_EQ(WriteTranscript(after), bytes);
  const Style style{.verbose = true, .explain = true};
  EXPECT_EQ(FullReport(after, style), FullReport(before, style));
  EXPECT_EQ(Pcapng(after), Pcapng(before));
  EXPECT_EQ(after.timeline.programs[0].output, "\xff\n");
  EXPECT_EQ(after.timeline.endpoints[0].samples[0].facts->info->segs_in, 3U);
  EXPECT_FALSE(after.timeline.endpoints[0].samples[1].facts);
}

TEST(Transcript, ThatIsTornIsAnError) {
  const std::string bytes = WriteTranscript(Everything());
  for (const std::size_t length : {std::size_t{0}, bytes.size() / 2}) {
    EXPECT_THROW(ReadTranscript(bytes.substr(0, length), {}), Error);
  }
  EXPECT_THROW(ReadTranscript("\x80", {}), Error);  // an empty array
}

}  // namespace
}  // namespace finwait::report
