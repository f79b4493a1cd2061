// What is expected of a whole run: counters, programs, the order of findings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/judge/scenario_builder.h"

namespace finwait::judge {
namespace {

using finwait::testing::DefaultEnvironment;
using namespace std::chrono_literals;

Finding Counting(const std::string& name, scenario::CountBound delta,
                 const tcp::Timeline& timeline) {
  scenario::Scenario scenario;
  scenario.counters.push_back({"client", name, delta, {}});
  return Judge(scenario, timeline, DefaultEnvironment()).at(0);
}

TEST(Counters, AbsentOnesAreZero) {
  tcp::Timeline timeline;
  timeline.counters["client"]["TcpExtTW"] = 1;
  EXPECT_EQ(Counting("TcpExtTW", {1, 1}, timeline).verdict, Verdict::kPass);
  EXPECT_EQ(Counting("TcpOutRsts", {0, 0}, timeline).verdict, Verdict::kPass);
  Finding finding = Counting("TcpOutRsts", {1, INT64_MAX}, timeline);
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.expected, "at least 1");
  EXPECT_EQ(finding.actual, "0");
}

TEST(Counters, NotReadIsBroken) {
  EXPECT_EQ(Counting("TcpExtTW", {0, 0}, {}).verdict, Verdict::kBroken);
}

// One sentence about a pattern, beside one about TcpExtTW.
Finding CountingAll(const std::string& pattern, std::int64_t at_most,
                    const tcp::CounterDeltas& deltas) {
  scenario::Scenario scenario;
  scenario.counters = {{"client", pattern, {0, at_most}, {}},
                       {"client", "TcpExtTW", {1, 1}, {}},
                       {"server", "TcpExtTWKilled", {1, 1}, {}}};
  tcp::Timeline timeline;
  timeline.counters["client"] = deltas;
  return Judge(scenario, timeline, DefaultEnvironment()).at(0);
}

TEST(CounterPatterns, AreAboutAllWithoutASentenceOfTheirOwn) {
  EXPECT_EQ(CountingAll("TcpExt*", 0, {{"TcpExtTW", 1}}).verdict,
            Verdict::kPass);
  EXPECT_EQ(CountingAll("TcpExt*", 0, {{"TcpExtTW", 1}}).actual, "none moved");
  EXPECT_EQ(CountingAll("TcpExt*", 0, {{"TcpOutRsts", 1}}).verdict,
            Verdict::kPass);
}

TEST(CounterPatterns, NameThoseThatAreNotAsTheyShould) {
  Finding finding = CountingAll("TcpExtT*", 1,
                                {{"TcpExtTW", 9},
                                 {"TcpExtTCPTimeouts", 2},
                                 {"TcpExtTCPPureAcks", 1},
                                 {"TcpExtTWKilled", 3}});
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.subject, "client counters: TcpExtT*");
  EXPECT_EQ(finding.expected, "at most 1");
  EXPECT_EQ(finding.actual, "TcpExtTCPTimeouts 2, TcpExtTWKilled 3");
}

TEST(CounterPatterns, StarsStandForAnyText) {
  auto fails = [](const std::string& pattern) {
    return CountingAll(pattern, 0, {{"TcpExtTCPAbortOnData", 1}}).verdict ==
           Verdict::kFail;
  };
  EXPECT_TRUE(fails("*"));
  EXPECT_TRUE(fails("TcpExtTCPAbortOnData*"));
  EXPECT_TRUE(fails("*Abort*Data"));
  EXPECT_TRUE(fails("Tcp*Abort*O*"));
  EXPECT_FALSE(fails("Abort*"));
  EXPECT_FALSE(fails("*Abort"));
  EXPECT_FALSE(fails("*Data*Abort*"));
  EXPECT_FALSE(fails("TcpExtTCPAbortOnData*Data"));
}

tcp::ProgramRecord Curl(std::optional<int> exit, std::string output) {
  tcp::ProgramRecord program;
  program.host = "client";
  program.name = "curl";
  program.exit_code = exit;
  program.output = std::move(output);
  return program;
}

std::vector<Finding> Program(scenario::ProgramExpectation expected,
                             const std::vector<tcp::ProgramRecord>& programs) {
  expected.host = "client";
  expected.name = "curl";
  scenario::Scenario scenario;
  scenario.programs.push_back(std::move(expected));
  tcp::Timeline timeline;
  timeline.programs = programs;
  return Judge(scenario, timeline, DefaultEnvironment());
}

TEST(Programs, ExitCode) {
  EXPECT_EQ(Program({.exit_code = 0}, {Curl(0, "")})[0].verdict,
            Verdict::kPass);
  Finding finding = Program({.exit_code = 0}, {Curl(28, "")})[0];
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "exit 28");
}

TEST(Programs, SignalIsNoExit) {
  tcp::ProgramRecord killed = Curl(std::nullopt, "");
  killed.term_signal = 9;
  EXPECT_EQ(Program({.exit_code = 0}, {killed})[0].actual,
            "killed by signal 9");
  EXPECT_EQ(Program({.term_signal = 9}, {killed})[0].verdict, Verdict::kPass);
}

TEST(Programs, StillRunningIsNeither) {
  Finding finding = Program({.exit_code = 0}, {Curl(std::nullopt, "")})[0];
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "still running when the run ended");
}

TEST(Programs, LastStartCounts) {
  EXPECT_EQ(Program({.exit_code = 0}, {Curl(1, ""), Curl(0, "")})[0].verdict,
            Verdict::kPass);
}

TEST(Programs, Output) {
  auto findings =
      Program({.output_contains = {"200 OK", "bye"}, .output_lacks = {"error"}},
              {Curl(0, "HTTP/1.1 200 OK\n")});
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].verdict, Verdict::kPass);
  EXPECT_EQ(findings[1].verdict, Verdict::kFail);
  EXPECT_EQ(findings[1].expected, "output contains \"bye\"");
  EXPECT_EQ(findings[1].actual, "output \"HTTP/1.1 200 OK\\n\"");
  EXPECT_EQ(findings[2].verdict, Verdict::kPass);
}

TEST(Programs, NeverStartedFailsEvenWhatItLacks) {
  Finding finding = Program({.output_lacks = {"error"}}, {})[0];
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "never started");
}

TEST(Findings, AreInFileOrder) {
  scenario::Scenario scenario;
  scenario.counters.push_back({"client", "TcpExtTW", {}, {"a.toml", 5, 1}});
  scenario.programs.push_back(
      {.host = "client", .name = "x", .exit_code = 0, .place = {"a.toml", 2}});
  auto findings = Judge(scenario, {}, DefaultEnvironment());
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].place.line, 2);
  EXPECT_EQ(findings[1].place.line, 5);
}

}  // namespace
}  // namespace finwait::judge
