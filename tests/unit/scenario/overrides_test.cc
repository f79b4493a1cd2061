// Values from the command line in place of a file's.
#include "scenario/overrides.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "folders.h"
#include "scenario/load.h"

namespace finwait::scenario {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Loaded Parse(const std::string& rest, const Overrides& overrides) {
  return ParseScenario("title = \"t\"\ntopology = \"two-hosts\"\n" + rest,
                       "file.toml", {Topologies()}, overrides);
}

std::vector<Scenario> Cases(const std::string& rest,
                            const Overrides& overrides) {
  Loaded loaded = Parse(rest, overrides);
  for (const auto& d : loaded.diagnostics) ADD_FAILURE() << ToString(d);
  return loaded.cases;
}

std::string Mistake(const std::string& rest, const Overrides& overrides) {
  const Loaded loaded = Parse(rest, overrides);
  EXPECT_THAT(loaded.diagnostics, SizeIs(1));
  EXPECT_THAT(loaded.cases, IsEmpty());
  return loaded.diagnostics.empty() ? "" : ToString(loaded.diagnostics[0]);
}

// "name=value" of every sysctl of a host.
std::vector<std::string> SysctlsOf(const Scenario& scenario,
                                   const std::string& host) {
  std::vector<std::string> all;
  for (const Sysctl& one : scenario.topology.FindHost(host)->sysctls) {
    all.push_back(one.name + "=" + one.value);
  }
  return all;
}

constexpr char kOnClient[] =
    "[sysctl.client]\n\"net.ipv4.tcp_fin_timeout\" = 5\n";
constexpr char kTwoParameters[] =
    "time_limit = \"{limit}\"\n"
    "[sysctl.client]\n\"net.ipv4.tcp_retries2\" = \"{retries}\"\n"
    "[parameter]\nretries = [3, 5, 8]\nlimit = [\"1min\", \"2min\"]\n";

TEST(Overrides, ReplaceTheListOfAParameter) {
  const auto cases = Cases(kTwoParameters, {{"retries", "15"}});
  ASSERT_THAT(cases, SizeIs(2));
  EXPECT_EQ(cases[0].case_name, "retries=15, limit=1min");
  EXPECT_EQ(cases[1].case_name, "retries=15, limit=2min");
  EXPECT_THAT(SysctlsOf(cases[0], "client"),
              ElementsAre("net.ipv4.tcp_retries2=15"));
}

TEST(Overrides, KeepTheTypeOfAParameter) {
  EXPECT_EQ(Cases(kTwoParameters, {{"limit", "7s"}, {"retries", "1"}})
                .at(0)
                .time_limit,
            std::chrono::seconds(7));
  EXPECT_THAT(Mistake(kTwoParameters, {{"retries", "many"}}),
              HasSubstr("file.toml: 'retries=many' does not suit the "
                        "parameter: its values are such as 3, an integer"));
}

TEST(Overrides, LeaveExcludesAloneThatNoLongerMatch) {
  const std::string exclude =
      "[[exclude]]\nretries = 8\nlimit = \"1min\"\nreason = \"long\"\n";
  EXPECT_THAT(Cases(kTwoParameters + exclude, {{"retries", "3"}}), SizeIs(2));
  EXPECT_THAT(Cases(kTwoParameters + exclude, {{"retries", "8"}}), SizeIs(1));
}

TEST(Overrides, DoNotTearARowApart) {
  EXPECT_THAT(Mistake("time_limit = \"{limit}\"\n"
                      "[[case]]\nlimit = \"1s\"\n[[case]]\nlimit = \"2s\"\n",
                      {{"limit", "3s"}}),
              HasSubstr("'limit=3s' names a column of [[case]]"));
}

TEST(Overrides, SetASysctlWhereTheFileDoes) {
  for (const char* name : {"tcp_fin_timeout", "net.ipv4.tcp_fin_timeout"}) {
    const auto cases = Cases(kOnClient, {{name, "61"}});
    ASSERT_THAT(cases, SizeIs(1));
    EXPECT_EQ(cases[0].case_name, std::string(name) + "=61");
    EXPECT_THAT(SysctlsOf(cases[0], "client"),
                ElementsAre("net.ipv4.tcp_fin_timeout=61"));
    EXPECT_THAT(SysctlsOf(cases[0], "server"), IsEmpty());
  }
}

TEST(Overrides, SetASysctlEverywhereIfTheFileDoesNowhere) {
  // Known by its last part, because a formula depends on it.
  const auto cases = Cases(kOnClient, {{"tcp_orphan_retries", "2"}});
  EXPECT_THAT(SysctlsOf(cases.at(0), "client"),
              ElementsAre("net.ipv4.tcp_fin_timeout=5",
                          "net.ipv4.tcp_orphan_retries=2"));
  EXPECT_THAT(SysctlsOf(cases.at(0), "server"),
              ElementsAre("net.ipv4.tcp_orphan_retries=2"));
}

TEST(Overrides, SetASysctlOnOneHost) {
  const auto cases = Cases(kOnClient, {{"server:tcp_fin_timeout", "61"}});
  EXPECT_EQ(cases.at(0).case_name, "server:tcp_fin_timeout=61");
  EXPECT_THAT(SysctlsOf(cases.at(0), "client"),
              ElementsAre("net.ipv4.tcp_fin_timeout=5"));
  EXPECT_THAT(SysctlsOf(cases.at(0), "server"),
              ElementsAre("net.ipv4.tcp_fin_timeout=61"));
  EXPECT_THAT(Mistake(kOnClient, {{"sever:tcp_fin_timeout", "61"}}),
              HasSubstr("unknown host 'sever': did you mean 'server'?"));
}

TEST(Overrides, PreferAParameterToASysctl) {
  const auto cases = Cases(
      "[parameter]\ntcp_fin_timeout = [1, 2]\n"
      "[sysctl.client]\n\"net.ipv4.tcp_fin_timeout\" = "
      "\"{tcp_fin_timeout}\"\n",
      {{"tcp_fin_timeout", "61"}});
  ASSERT_THAT(cases, SizeIs(1));
  EXPECT_EQ(cases[0].case_name, "tcp_fin_timeout=61");
}

TEST(Overrides, SayWhatANameCouldHaveBeen) {
  EXPECT_THAT(Mistake(kOnClient, {{"tcp_fin_timeot", "1"}}),
              HasSubstr("did you mean 'tcp_fin_timeout'?"));
  EXPECT_THAT(Mistake(kTwoParameters, {{"retry", "1"}}),
              HasSubstr("write retries, limit or tcp_retries2, or a sysctl "
                        "in full"));
  EXPECT_THAT(Mistake("", {{"nonsense", "1"}}),
              HasSubstr("write a sysctl in full, net.ipv4.NAME"));
}

TEST(Overrides, AskWhichOfSeveralSysctlsIsMeant) {
  EXPECT_THAT(Mistake("[sysctl.client]\n\"net.ipv4.conf.all.forwarding\" = 1\n"
                      "\"net.ipv6.conf.all.forwarding\" = 1\n",
                      {{"forwarding", "0"}}),
              HasSubstr("write net.ipv4.conf.all.forwarding or net.ipv6"));
}

TEST(Overrides, AreNotUndoneByAStep) {
  EXPECT_THAT(
      Mistake(std::string(kOnClient) + "[[step]]\nclient = { sysctl = { "
                                       "\"net.ipv4.tcp_fin_timeout\" = 9 } }\n",
              {{"tcp_fin_timeout", "61"}}),
      HasSubstr("file.toml:5:1: this step would undo "
                "'tcp_fin_timeout=61'"));
}

TEST(Overrides, AreThereWhenACaseIsLoadedAgain) {
  const Loaded loaded =
      LoadScenario(SourceTree() / "tests/scenarios/fin_wait2/orphan.toml",
                   {Topologies()}, {{"tcp_fin_timeout", "61"}});
  ASSERT_THAT(loaded.cases, SizeIs(1));
  const Scenario again = LoadAgain(loaded.cases[0].origin);
  EXPECT_EQ(again.DisplayName(), "orphan.toml [tcp_fin_timeout=61]");
  EXPECT_THAT(SysctlsOf(again, "client"),
              ElementsAre("net.ipv4.tcp_fin_timeout=61"));
}

}  // namespace
}  // namespace finwait::scenario
