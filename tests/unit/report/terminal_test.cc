// Results as a person reads them, to the letter.
#include "report/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/blame.h"
#include "judge/judge.h"
#include "unit/timeline_builder.h"

namespace finwait::report {
namespace {

using finwait::testing::DefaultEnvironment;
using finwait::testing::TimelineBuilder;
using judge::Finding;
using judge::Verdict;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;
using enum tcp::TcpState;

void AddClient(TimelineBuilder& run, const std::string& name,
               std::uint16_t port, Duration fin_wait2) {
  run.Endpoint("client", name)
      .Tuple("10.0.0.1", port, "10.0.0.2", 7000)
      .Enter(kSynSent, 412us, "sent SYN")
      .Packet(412us, true, tcp::kSyn)
      .Enter(kEstablished, 500us, "received SYN|ACK")
      .Enter(kFinWait1, 1ms, "sent FIN")
      .Packet(1ms, true, tcp::kFin | tcp::kAck)
      .Enter(kFinWait2, 41ms, "received ACK of FIN")
      .Packet(41ms, false, tcp::kAck)
      .Enter(kClosed, 41ms + fin_wait2, "timewait timer");
}

void AddServer(TimelineBuilder& run, const std::string& name,
               std::uint16_t port) {
  run.Endpoint("server", name)
      .Tuple("10.0.0.2", 7000, "10.0.0.1", port)
      .Enter(kSynRecv, 420us, "sent SYN|ACK")
      .Enter(kEstablished, 510us, "received ACK")
      .Enter(kCloseWait, 1010us, "received FIN")
      .Look(9s, 55)
      .HeldBy(4242, "python3", 5);
}

// A client whose FIN_WAIT2 lasted 7 s where 5 s were right.
judge::Result TooLong() {
  TimelineBuilder run;
  run.Step(1, "client", "client: connect(conn, server:7000)", 400us, 500us,
           "conn");
  run.Step(2, "client", "client: close(conn)", 990us, 1ms, "conn");
  AddClient(run, "conn", 40000, 7s);
  AddServer(run, "conn", 40000);
  judge::Result result;
  result.scenario.file = "orphan.toml";
  result.scenario.title = "An orphaned FIN_WAIT2 lasts tcp_fin_timeout";
  scenario::EndpointExpectation expected;
  expected.host = "client";
  expected.connection = "conn";
  expected.never = {kTimeWait};
  scenario::StateExpectation state;
  state.state = kFinWait2;
  state.lasts = {scenario::Lasts::Kind::kTimer, {5s, ""}, {}};
  state.place = {"orphan.toml", 23, 1};
  expected.states.push_back(state);
  result.scenario.endpoints.push_back(expected);
  result.timeline = run.Build();
  result.environment = DefaultEnvironment();
  result.findings = Judge(result.scenario, result.timeline, result.environment);
  result.blame = Blame(result.timeline, result.environment);
  result.verdict = Verdict::kFail;
  return result;
}

constexpr const char* kFailureBlock =
    "FAIL  client conn: FIN_WAIT2  (orphan.toml:23:1)\n"
    "  expected  lasts 5s\n"
    "  formula   allowed 5s to 5.26s: never early, at most 256ms late by the "
    "timer wheel and 4ms by the\n"
    "            jiffy at 250 Hz\n"
    "  actual    lasted 7s: 1.74s too long\n"
    "  margin    -1.74s\n";

TEST(FindingText, OfAFailureToTheLetter) {
  judge::Result result = TooLong();
  ASSERT_EQ(result.findings.size(), 2U);
  EXPECT_EQ(FindingText(result.findings[1], {}), kFailureBlock);
}

TEST(FindingText, OfAPassIsOneLine) {
  Finding finding;
  finding.subject = "client conn: FIN_WAIT2";
  finding.expected = "lasts 5s";
  finding.actual = "lasted 5.132s";
  finding.margin = 128ms;
  EXPECT_EQ(FindingText(finding, {}),
            "PASS  client conn: FIN_WAIT2: lasts 5s: lasted 5.132s  (margin "
            "128ms)\n");
}

TEST(FullReport, TellsOfALateMachineWhereThatMayExplainAnything) {
  judge::Result result = TooLong();
  result.environment.virtual_time = false;
  result.timeline.sources.push_back({.name = "timer tracepoints",
                                     .used = true,
                                     .late_timer = 38ms,
                                     .late_tick = 20ms});
  const std::string late =
      "  the machine was late: a timer by 38ms, a tick by 20ms\n";
  EXPECT_THAT(FullReport(result, {}), HasSubstr(late));
  result.verdict = Verdict::kPass;
  EXPECT_THAT(FullReport(result, {}), Not(HasSubstr(late)));
  EXPECT_THAT(FullReport(result, {.verbose = true}), HasSubstr(late));
  result.timeline.sources[0].late_timer = 9ms;
  result.timeline.sources[0].late_tick = 900us;
  EXPECT_THAT(FullReport(result, {.verbose = true}),
              Not(HasSubstr("the machine was late")));
}

TEST(FullReport, ToTheLetter) {
  std::string expected =
      R"(An orphaned FIN_WAIT2 lasts tcp_fin_timeout
orphan.toml on Linux 6.18.5 at 250 Hz

  conn: client 10.0.0.1:40000 ↔ server 10.0.0.2:7000
             client                    server
      400us  · step 1  client: connect(conn, server:7000)
      412us  SYN_SENT                                            sent SYN
      420us                            SYN_RECV                  sent SYN|ACK
      500us  SYN_SENT → ESTABLISHED                              received SYN|ACK, after 88us
      510us                            SYN_RECV → ESTABLISHED    received ACK, after 90us
      990us  · step 2  client: close(conn)
        1ms  ESTABLISHED → FIN_WAIT1                             sent FIN, after 500us
     1.01ms                            ESTABLISHED → CLOSE_WAIT  received FIN, after 500us
       41ms  FIN_WAIT1 → FIN_WAIT2                               received ACK of FIN, after 40ms
     7.041s  FIN_WAIT2 → CLOSED                                  timewait timer, after 7s
        10s  · end of the run

)" + std::string(kFailureBlock) +
      R"(         1.01ms                            ESTABLISHED → CLOSE_WAIT  received FIN, after 500us
           41ms  ← ACK                                               received
           41ms  FIN_WAIT1 → FIN_WAIT2                               received ACK of FIN, after 40ms
  ▶      7.041s  FIN_WAIT2 → CLOSED                                  timewait timer, after 7s

1 expectation holds

Not closed when the run ended
  - server process 4242 (`python3`) still holds descriptor 5 in CLOSE_WAIT: it received the FIN 10s
    ago and has not called close(); client has no such socket any more.

FAIL  orphan.toml  10s  client conn: FIN_WAIT2: lasted 7s: 1.74s too long
)";
  EXPECT_EQ(FullReport(TooLong(), {}), expected);
}

TEST(FullReport, NamesTheDifferencesThatHold) {
  judge::Result result = TooLong();
  result.scenario.differences = {{.where = {.text = "kernel < 6.1"},
                                  .reason = "it came later",
                                  .source = "tcp.c f()",
                                  .place = {}},
                                 {.where = {.text = "lacks ipv6"},
                                  .reason = "not here",
                                  .source = "tcp.c g()",
                                  .place = {}}};
  result.environment.differences = {0};
  EXPECT_THAT(
      FullReport(result, {}),
      HasSubstr("at 250 Hz\n"
                "differs   kernel < 6.1: it came later (tcp.c f())\n\n"));
}

TEST(SummaryLine, SaysThatItWasPlayedAgain) {
  judge::Result result = TooLong();
  result.retakes = {"one", "server conn: close() was late"};
  EXPECT_THAT(SummaryLine(result, {}),
              HasSubstr("1.74s too long  (take 3; before: server conn: close() "
                        "was late)"));
}

TEST(FullReport, VerboseShowsPacketsAndPasses) {
  Style style;
  style.verbose = true;
  std::string text = FullReport(TooLong(), style);
  EXPECT_THAT(text, HasSubstr("        1ms  FIN|ACK →"));
  EXPECT_THAT(text, HasSubstr("PASS  client conn: path: never in TIME_WAIT"));
}

TEST(FullReport, PassIsExplainedOnRequestOnly) {
  judge::Result result = TooLong();
  result.verdict = Verdict::kPass;
  result.findings.clear();
  EXPECT_THAT(FullReport(result, {}), Not(HasSubstr("Not closed")));
  Style style;
  style.explain = true;
  EXPECT_THAT(FullReport(result, style), HasSubstr("Not closed"));
}

TEST(FullReport, HoleIsTold) {
  judge::Result result = TooLong();
  result.timeline.endpoints[0].hole = "states were not observed";
  EXPECT_THAT(FullReport(result, {}),
              HasSubstr("client conn was not observed completely: states"));
}

TEST(FullReport, SeveralConnectionsHaveTheirColumn) {
  TimelineBuilder run;
  AddClient(run, "a", 40000, 5s);
  AddClient(run, "b", 40001, 5s);
  AddServer(run, "b", 40001);
  judge::Result result;
  result.timeline = run.Build();
  std::string text = FullReport(result, {});
  EXPECT_THAT(text, HasSubstr("  a: client 10.0.0.1:40000 ↔ 10.0.0.2:7000\n"));
  EXPECT_THAT(text, HasSubstr("      412us  b  SYN_SENT"));
}

TEST(FullReport, CrowdIsToldByItsPaths) {
  TimelineBuilder run;
  for (int n = 0; n < 1000; ++n) {
    auto port = static_cast<std::uint16_t>(40000 + n);
    std::string name = "web#" + std::to_string(n + 1);
    AddClient(run, name, port, 5s + n * 100us);
    AddServer(run, name, port);
  }
  judge::Result result;
  result.timeline = run.Build();
  std::string text = FullReport(result, {});
  EXPECT_THAT(text, HasSubstr("  1000 connections, such as web#1: client "
                              "10.0.0.1:40000 ↔ server 10.0.0.2:7000\n"
                              "    client    SYN_SENT > ESTABLISHED > "
                              "FIN_WAIT1 > FIN_WAIT2 > CLOSED\n"));
  EXPECT_THAT(text, HasSubstr("FIN_WAIT2    5s to 5.0999s\n"));
  EXPECT_THAT(text, HasSubstr("  sockets at a time, from 0s to 10s\n"));
  EXPECT_THAT(text, ContainsRegex("client    FIN_WAIT2    [ █]+ +at most "
                                  "1000\n"));
  EXPECT_LT(text.size(), 3500U);
}

TEST(FullReport, EmptyRunIsNoTrouble) {
  judge::Result result;
  result.verdict = Verdict::kBroken;
  result.reason = "creating veth eth0: Operation not permitted";
  EXPECT_THAT(FullReport(result, {}), HasSubstr("Operation not permitted"));
}

TEST(SummaryLine, TellsTheLeastMargin) {
  judge::Result result;
  result.scenario.file = "orphan.toml";
  result.scenario.case_name = "tcp_fin_timeout=61";
  result.timeline.end = result.timeline.begin + 5321ms;
  Finding wide;
  wide.margin = 2s;
  Finding narrow;
  narrow.margin = 108ms;
  result.findings = {wide, narrow, Finding()};
  EXPECT_EQ(SummaryLine(result, {}),
            "PASS  orphan.toml [tcp_fin_timeout=61]  5.3s  (margin 108ms)");
}

TEST(SummaryLine, TellsWhy) {
  judge::Result result;
  result.scenario.file = "orphan.toml";
  result.verdict = Verdict::kUnsupported;
  result.reason = "sch_netem is missing";
  EXPECT_EQ(SummaryLine(result, {}),
            "UNSUPPORTED  orphan.toml  0s  sch_netem is missing");
}

TEST(SummaryLine, ColoursOnlyTheVerdict) {
  judge::Result result;
  result.scenario.file = "orphan.toml";
  Style style;
  style.color = true;
  EXPECT_EQ(SummaryLine(result, style), "\033[32mPASS\033[0m  orphan.toml  0s");
}

TEST(LiveLine, IsOneTransition) {
  tcp::Timeline timeline = TooLong().timeline;
  const auto& client = timeline.endpoints[0];
  EXPECT_EQ(LiveLine(timeline, client, client.transitions[3], {}),
            "       41ms  client conn       FIN_WAIT1 → FIN_WAIT2     received "
            "ACK of FIN");
  EXPECT_EQ(
      LiveLine(timeline, client, client.transitions[0], {}),
      "      412us  client conn       SYN_SENT                  sent SYN");
}

}  // namespace
}  // namespace finwait::report
