// Good files: what the loader makes of them.
#include "scenario/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "folders.h"

namespace finwait::scenario {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

Loaded Parse(const std::string& rest) {
  auto loaded = ParseScenario(
      "# One sentence.\n# And its source.\n\n# Not this.\ntitle = \"t\"\n"
      "topology = \"two-hosts\"\n" +
          rest,
      "dir/file.toml", {Topologies()});
  for (const auto& d : loaded.diagnostics) ADD_FAILURE() << ToString(d);
  if (loaded.cases.empty()) loaded.cases.emplace_back();
  return loaded;
}

Scenario EveryKey() {
  auto loaded = LoadScenario(
      SourceTree() / "tests/unit/scenario/every_key.toml", {Topologies()});
  for (const auto& d : loaded.diagnostics) ADD_FAILURE() << ToString(d);
  return loaded.cases.empty() ? Scenario{} : loaded.cases[0];
}

template <typename T>
std::vector<T> ActionsOf(const Scenario& scenario) {
  std::vector<T> found;
  for (const Step& step : scenario.steps) {
    if (const T* action = std::get_if<T>(&step.action)) {
      found.push_back(*action);
    }
  }
  return found;
}

TEST(Load, ReadsTheHead) {
  Scenario scenario =
      Parse("labels = [\"slow\"]\ntime_limit = \"90s\"\n").cases[0];
  EXPECT_EQ(scenario.description, "One sentence.\nAnd its source.");
  EXPECT_EQ(scenario.DisplayName(), "file.toml");
  EXPECT_THAT(scenario.labels, ElementsAre("slow"));
  EXPECT_EQ(scenario.time_limit, seconds(90));
}

TEST(Load, ReadsTheBehaviour) {
  const auto behaviour = EveryKey().behaviour;
  ASSERT_TRUE(behaviour);
  EXPECT_THAT(behaviour->entries, ElementsAre("FW2-04", "FW2-05"));
  EXPECT_EQ(behaviour->formula, "2 (tcp_fin_timeout - 60 s)");
  EXPECT_THAT(behaviour->sources, ElementsAre("tcp_timer.c"));
  EXPECT_THAT(behaviour->rfcs, ElementsAre("RFC 9293 3.6"));
  EXPECT_EQ(behaviour->catches, "any other law");
}

TEST(Load, DeducesRequirements) {
  Scenario scenario = EveryKey();
  EXPECT_THAT(scenario.requirements.features,
              ElementsAre("sch_netem", "ipv6", "nf_tables"));
  EXPECT_THAT(scenario.requirements.programs,
              ElementsAre("nginx", "cat", "dog"));
}

TEST(Load, MergesSysctls) {
  Scenario scenario = EveryKey();
  const Host* client = scenario.topology.FindHost("client");
  ASSERT_NE(client, nullptr);
  ASSERT_EQ(client->sysctls.size(), 3u);
  EXPECT_EQ(client->sysctls[0].value, "61");
  EXPECT_EQ(client->sysctls[1].value, "1");
  EXPECT_EQ(client->sysctls[2].value, "4096 131072 6291456");
}

TEST(Load, ReadsImpairments) {
  Scenario scenario = EveryKey();
  ASSERT_EQ(scenario.impairments.size(), 2u);
  const Impairment& i = scenario.impairments[0].impairment;
  EXPECT_EQ(i.delay, milliseconds(10));
  EXPECT_EQ(i.distribution, Distribution::kNormal);
  EXPECT_EQ(i.loss, Loss(RandomLoss{{0.01}, {0.25}}));
  EXPECT_EQ(i.rate.bits_per_second, 10'000'000u);
  EXPECT_EQ(i.packet_overhead, 14);
  ASSERT_TRUE(i.slot);
  EXPECT_EQ(i.slot->bytes, 3000);
  EXPECT_EQ(i.seed, 42u);
}

TEST(Load, KeepsOptionsInTheirOwnUnit) {
  Scenario scenario = EveryKey();
  auto sockets = ActionsOf<OpenSocket>(scenario);
  ASSERT_EQ(sockets.size(), 1u);
  EXPECT_EQ(sockets[0].options.at("TCP_LINGER2"), -1);
  EXPECT_EQ(sockets[0].family, tcp::Family::kIpv6);
  auto options = ActionsOf<SetOption>(scenario);
  ASSERT_EQ(options.size(), 1u);
  EXPECT_EQ(options[0].options.at("TCP_USER_TIMEOUT"), 1500);
  auto connects = ActionsOf<Connect>(scenario);
  ASSERT_EQ(connects.size(), 2u);
  EXPECT_EQ(connects[1].options.at("SO_LINGER"), -1);
  EXPECT_EQ(connects[1].options.at("TCP_NODELAY"), 1);
}

TEST(Load, ReadsCallResults) {
  Scenario scenario = EveryKey();
  EXPECT_EQ(scenario.steps[0].expected.fails, "EAFNOSUPPORT");
  EXPECT_EQ(scenario.steps[1].expected.returns, 0);
  // "at most 10ms"
  EXPECT_EQ(scenario.steps[4].expected.takes_ns, (CountBound{0, 10'000'000}));
  // "2s": a timer of the wheel, late by an eighth and a jiffy
  EXPECT_EQ(scenario.steps[11].expected.takes_ns,
            (CountBound{2'000'000'000, 2'270'000'000}));
}

TEST(Load, FindsTheFamilyInTheAddress) {
  Scenario scenario =
      Parse("[[step]]\nclient = { connect = \"[fd00::2]:7000\", as = \"c\" }\n")
          .cases[0];
  const auto& connect = std::get<Connect>(scenario.steps.at(0).action);
  EXPECT_EQ(connect.family, tcp::Family::kIpv6);
  ASSERT_TRUE(connect.to.address);
  EXPECT_EQ(connect.to.port, 7000);
}

TEST(Load, LetsTheOnlyConnectionBeMeant) {
  Scenario scenario =
      Parse(
          "[[step]]\nserver = { listen = 1 }\n[[step]]\nclient = { connect = "
          "\"server:1\", as = \"c\" }\n[[step]]\nwait = { server = "
          "\"SYN_RECV\" }\n")
          .cases[0];
  EXPECT_EQ(std::get<WaitState>(scenario.steps.at(2).action).connection, "c");
}

TEST(Load, DescribesSteps) {
  std::vector<std::string> texts;
  for (const Step& step : EveryKey().steps) texts.push_back(Describe(step));
  EXPECT_THAT(
      texts,
      testing::IsSupersetOf(
          {"client: socket(s, TCP_LINGER2=-1s)",
           "client: connect(s, server:7000)",
           "server: accept(conn, from listener)", "client: send(conn, 10kB)",
           "server: receive(conn, \"hello\", end of file)",
           "client: close(conn)", "server: run cat", "server: SIGTERM to web",
           "lift client:eth0", "link client:eth0 down", "blackhole client:eth0",
           "drop FIN from client:eth0 to server, only number 1",
           "drop pure ACKs from client:eth0",
           "wait until conn of client is CLOSED", "wait 2s",
           "count 0 in FIN_WAIT2 at client with a process"}));
}

TEST(Load, ReadsExpectations) {
  Scenario scenario = EveryKey();
  ASSERT_EQ(scenario.endpoints.size(), 1u);
  const EndpointExpectation& endpoint = scenario.endpoints[0];
  EXPECT_EQ(endpoint.path->size(), 5u);
  EXPECT_EQ(endpoint.ends, Ending::kSilently);
  ASSERT_EQ(endpoint.states.size(), 2u);
  EXPECT_EQ(endpoint.states[0].lasts->kind, Lasts::Kind::kAtMost);
  EXPECT_EQ(endpoint.states[1].lasts->span.formula, "tcp_fin_timeout");
  EXPECT_EQ(endpoint.states[1].lasts->upper.duration, seconds(90));
  EXPECT_EQ(endpoint.states[1].timer, tcp::TimerKind::kTimewait);
  EXPECT_EQ(endpoint.states[1].shutdown, 3);
  EXPECT_EQ(endpoint.states[1].info.at(0).value, (CountBound{3, 3}));
  ASSERT_EQ(endpoint.packets.size(), 5u);
  EXPECT_EQ(endpoint.packets[0].count, (CountBound{0, 0}));
  EXPECT_EQ(endpoint.packets[1].flags, tcp::kFin | tcp::kAck);
  EXPECT_EQ(endpoint.packets[2].count.min, 1);
  EXPECT_EQ(endpoint.packets[3].number, 2);
  EXPECT_EQ(endpoint.packets[3].count.min, 2);
  EXPECT_EQ(endpoint.packets[3].at->kind, Lasts::Kind::kBetween);
  EXPECT_EQ(endpoint.packets[4].gaps.size(), 2u);
  EXPECT_EQ(endpoint.packets[4].count.min, 3);
  ASSERT_EQ(scenario.sockets.size(), 1u);
  EXPECT_EQ(scenario.sockets[0].at_end, (CountBound{0, 0}));
  EXPECT_EQ(scenario.sockets[0].moments.at(1).after, seconds(6));
  ASSERT_EQ(endpoint.info.size(), 2u);
  EXPECT_EQ(endpoint.info[0].value, (CountBound{0, 300'000}));
  ASSERT_EQ(scenario.counters.size(), 3u);
  ASSERT_EQ(scenario.programs.size(), 2u);
  EXPECT_EQ(scenario.programs[1].term_signal, 9);
}

TEST(Conditions, AreReadAsWritten) {
  const auto differences = EveryKey().differences;
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].where.sysctl, "net.ipv4.tcp_tw_reuse_delay");
  EXPECT_TRUE(differences[0].where.lacks);
  EXPECT_EQ(differences[0].reason, "it came later");
  EXPECT_EQ(differences[0].source, "net/ipv4/sysctl_net_ipv4.c");
}

constexpr char kTwoDifferences[] = R"(
[parameter]
tw = [0, 1]
[expect.client.counters]
TcpExtTW   = "{tw}"
TcpOutRsts = 2
[[differs]]
where  = "kernel < 6.1"
reason = "r"
source = "s"
[differs.expect.client.counters]
TcpExtTW = 1
[[differs]]
where  = "has ipv6"
reason = "r"
source = "s"
[differs.expect.client.counters]
TcpExtTW         = 7
TcpExtTCPTimeouts = 3
)";

std::string CountersOf(const Expectations& expected) {
  std::string text;
  for (const CounterExpectation& counter : expected.counters) {
    text += counter.name + " " + std::to_string(counter.delta.min) + " ";
  }
  return text;
}

TEST(Differences, AreLaidOverTheFilesOwn) {
  const Scenario one = Parse(kTwoDifferences).cases[0];
  ASSERT_EQ(one.differences.size(), 2U);
  EXPECT_EQ(one.differences[0].where.kernel, "< 6.1");
  EXPECT_EQ(one.differences[1].where.feature, "ipv6");
  EXPECT_EQ(CountersOf(one), "TcpExtTW 0 TcpOutRsts 2 ");
  EXPECT_EQ(CountersOf(one.Where({})), CountersOf(one));
  EXPECT_EQ(CountersOf(one.Where({0})), "TcpExtTW 1 TcpOutRsts 2 ");
  EXPECT_EQ(CountersOf(one.Where({0, 1})),
            "TcpExtTW 7 TcpOutRsts 2 TcpExtTCPTimeouts 3 ");
  EXPECT_EQ(one.Where({0}).counters[0].place.line, 18);
}

TEST(Differences, AreNoneInACaseWhereTheySayTheSame) {
  const Scenario one = Parse(kTwoDifferences).cases[1];
  ASSERT_EQ(one.differences.size(), 1U);
  EXPECT_EQ(one.differences[0].where.feature, "ipv6");
}

constexpr char kAnotherResult[] = R"(
[[step]]
client = { socket = "conn" }
[[step]]
client = { connect = "server:7000", on = "conn" }
[[differs]]
where  = "kernel < 6.1"
reason = "r"
source = "s"
[differs.step.2]
fails = "ECONNREFUSED"
)";

TEST(Differences, MakeStepsComeOutOtherwise) {
  const Scenario one = Parse(kAnotherResult).cases[0];
  EXPECT_EQ(one.Where({}).steps[1].expected.fails, std::nullopt);
  EXPECT_EQ(one.Where({0}).steps[0].expected.fails, std::nullopt);
  EXPECT_EQ(one.Where({0}).steps[1].expected.fails, "ECONNREFUSED");
}

TEST(Cases, MultiplyAndExclude) {
  auto loaded = Parse(
      "[parameter]\na = [1, 2]\nb = [\"x\", \"y\"]\n"
      "[[exclude]]\na = 1\nb = \"y\"\nreason = \"r\"\n"
      "[sysctl.client]\n\"net.ipv4.tcp_sack\" = \"{a}\"\n"
      "\"net.ipv4.tcp_rmem\" = \"{a} {b} {{c}\"\n");
  std::vector<std::string> names;
  for (const auto& one : loaded.cases) names.push_back(one.DisplayName());
  EXPECT_THAT(names, ElementsAre("file.toml [a=1, b=x]", "file.toml [a=2, b=x]",
                                 "file.toml [a=2, b=y]"));
  EXPECT_EQ(loaded.cases.back().topology.FindHost("client")->sysctls[1].value,
            "2 y {c}");
}

TEST(Cases, AreNamedByTheirRow) {
  auto loaded = Parse(
      "[[case]]\nname = \"one\"\nt = \"1s\"\n[[case]]\nt = \"2s\"\n"
      "[[step]]\nwait = { duration = \"{t}\" }\n");
  ASSERT_EQ(loaded.cases.size(), 2u);
  EXPECT_EQ(loaded.cases[0].case_name, "one");
  EXPECT_EQ(loaded.cases[1].case_name, "t=2s");
}

TEST(Cases, KnowTheFolderOfTheFile) {
  auto loaded = Parse("labels = [\"{here}/x\"]\n");
  EXPECT_EQ(loaded.cases[0].labels.at(0),
            (std::filesystem::absolute("dir") / "x").string());
}

std::vector<std::string> MistakesIn(const std::string& rest) {
  std::vector<std::string> lines;
  for (const auto& d :
       ParseScenario("title = \"t\"\ntopology = \"two-hosts\"\n" + rest, "f",
                     {Topologies()})
           .diagnostics) {
    lines.push_back(ToString(d));
  }
  return lines;
}

TEST(Cases, HaveTheirOwnMistakes) {
  EXPECT_THAT(MistakesIn("[parameter]\na = [1]\n"),
              ElementsAre("f:4:1: parameter 'a' is not used: write \"{a}\" "
                          "somewhere, or leave it out"));
  EXPECT_THAT(MistakesIn("labels = [\"{b}\"]\n"),
              ElementsAre("f:3:11: unknown parameter 'b': declare it under "
                          "[parameter], or write {{ for a brace"));
  EXPECT_THAT(MistakesIn("labels = [\"a{ b\"]\n"),
              ElementsAre("f:3:11: 'labels' has a lone brace: write \"{{\" for "
                          "a brace, or \"{PARAMETER}\""));
  EXPECT_THAT(MistakesIn("labels = [\"{a}\"]\n[parameter]\na = [\"1\"]\n"
                         "[[exclude]]\na = \"3\"\n"),
              ElementsAre("f:6:1: 'reason' of this exclude is missing: write "
                          "reason = \"WHY\"",
                          "f:6:1: no case matches this exclude: its keys must "
                          "be parameters, with one of their values"));
  EXPECT_THAT(MistakesIn("labels = [\"{a}\"]\n[[case]]\na = \"1\"\n"
                         "[[case]]\nname = \"x\"\n"),
              testing::Contains("f:6:1: this case lacks 'a': all rows of "
                                "[[case]] need the same keys"));
  EXPECT_THAT(MistakesIn("time_limit = \"{a}\"\n[parameter]\na = [1, 2]\n"),
              ElementsAre("f:3:14: 'time_limit' is 1 without a unit: write "
                          "\"1ms\"",
                          "f:3:14: 'time_limit' is 2 without a unit: write "
                          "\"2ms\""));
}

}  // namespace
}  // namespace finwait::scenario
