// Every mistake that a scenario can hold, and exactly what is said of it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "folders.h"
#include "scenario/load.h"

namespace finwait::scenario {
namespace {

// Three lines of head, then `rest` from line 4 on.
std::vector<std::string> MistakesIn(const std::string& rest) {
  std::string text =
      "# What it shows.\ntitle = \"t\"\ntopology = \"two-hosts\"\n";
  std::vector<std::string> lines;
  for (const auto& d :
       ParseScenario(text + rest, "f", {Topologies()}).diagnostics) {
    lines.push_back(ToString(d));
  }
  return lines;
}

struct Bad {
  const char* name;
  const char* text;
  std::vector<std::string> expected;
};

class Mistaken : public testing::TestWithParam<Bad> {};

TEST_P(Mistaken, IsReportedWithPlaceAndRemedy) {
  EXPECT_EQ(MistakesIn(GetParam().text), GetParam().expected);
}

// Steps that other snippets build on: lines 4 to 6.
#define CONNECTED                                             \
  "step = [{ server = { listen = 7000 } },\n"                 \
  "{ client = { connect = \"server:7000\", as = \"c\" } },\n" \
  "{ server = { accept = \"c\" } },\n"

INSTANTIATE_TEST_SUITE_P(
    Head, Mistaken,
    testing::Values(
        Bad{"UnknownKey",
            "lables = []",
            {"f:4:1: unknown key 'lables' in this scenario: did you mean "
             "'labels'?"}},
        Bad{"FarKey",
            "[requires]\nzzzzzz = 1",
            {"f:5:1: unknown key 'zzzzzz' in this requires: write features, "
             "programs or kernel"}},
        Bad{"WrongType",
            "labels = 3",
            {"f:4:10: 'labels' is an integer: write an array of strings, "
             "[\"…\"]"}},
        Bad{"BareDuration",
            "time_limit = 50",
            {"f:4:14: 'time_limit' is 50 without a unit: write \"50ms\""}},
        Bad{"BareDurationInQuotes",
            "time_limit = \"50\"",
            {"f:4:14: 'time_limit' is 50 without a unit: write \"50ms\""}},
        Bad{"BadUnit",
            "time_limit = \"50msec\"",
            {"f:4:14: 'time_limit' is \"50msec\", which is no duration: write "
             "a duration in ns, us, ms, s, min or h, such as \"50ms\""}},
        Bad{"Negative",
            "time_limit = \"-1s\"",
            {"f:4:14: 'time_limit' is \"-1s\", which is below zero: write a "
             "duration from \"0s\" on"}},
        Bad{"Family",
            "family = \"ipv5\"",
            {"f:4:10: 'family' is \"ipv5\", which has no meaning here: did "
             "you mean 'ipv4'?"}},
        Bad{"Kernel",
            "[requires]\nkernel = \"6.12\"",
            {"f:5:10: 'kernel' is \"6.12\", which is no range of versions: "
             "write \">= 6.12\" or \"< 6.5\""}},
        Bad{"SysctlName",
            "[sysctl.client]\ntcp_sack = 1",
            {"f:5:1: 'tcp_sack' is no name of a sysctl: write "
             "\"net.ipv4.tcp_fin_timeout\", in quotes"}},
        Bad{"SysctlUnquoted",
            "[sysctl.client]\nnet.ipv4.tcp_sack = 1",
            {"f:5:1: sysctl name is not in quotes: write "
             "\"net.ipv4.tcp_fin_timeout\" = 60"}},
        Bad{"SysctlOfTheMachine",
            "[sysctl.client]\n\"kernel.pid_max\" = 1",
            {"f:5:1: sysctl 'kernel.pid_max' is not a network one: only those "
             "under \"net.\" belong to a host of a scenario"}},
        Bad{"SysctlHost",
            "[sysctl.cleint]\n\"net.ipv4.tcp_sack\" = 1",
            {"f:4:9: unknown host 'cleint': did you mean 'client'?"}}),
    [](const auto& bad) { return bad.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Impairments, Mistaken,
    testing::Values(
        Bad{"UnknownKey",
            "[impair.\"client:eth0\"]\ndealy = \"1ms\"",
            {"f:5:1: unknown key 'dealy' in this impairment: did you mean "
             "'delay'?"}},
        Bad{"UnknownEnd",
            "[impair.\"client:eth9\"]\ndelay = \"1ms\"",
            {"f:4:9: unknown end of a link 'client:eth9': did you mean "
             "'client:eth0'?"}},
        Bad{"BareProbability",
            "[impair.\"client:eth0\"]\nloss = 1",
            {"f:5:8: 'loss' is 1 without a unit: write \"1%\""}},
        Bad{"BareRate",
            "[impair.\"client:eth0\"]\nrate = 10",
            {"f:5:8: 'rate' is 10 without a unit: write \"10mbit\""}},
        Bad{"TwoModels",
            "[impair.\"client:eth0\"]\nloss = { random = \"1%\", gemodel = { "
            "p = \"1%\" } }",
            {"f:5:25: 'gemodel' stands beside 'random': leave one of them "
             "out"}},
        Bad{"StatesThatAreLeftTooOften",
            "[impair.\"client:eth0\"]\nloss = { state = { p13 = \"30%\", "
            "p32 = \"70%\" } }",
            {"f:5:18: 'p31' and 'p32' leave the same state, and are 140% "
             "together: write both, with a sum of 100% at most"}},
        Bad{"JitterBeyondNetem",
            "[impair.\"client:eth0\"]\ndelay = \"9s\"\njitter = \"3s\"",
            {"f:6:10: 'jitter' is 3s, which is too much: write \"2.147s\" at "
             "most"}},
        Bad{"RateBelowAByte",
            "[impair.\"client:eth0\"]\nrate = \"4bit\"",
            {"f:5:8: 'rate' is 4bit, less than a byte per second: write "
             "\"8bit\" or more"}},
        Bad{"NumbersBelowNetems",
            "[impair.\"client:eth0\"]\nlimit = 0\nrate = \"1mbit\"\n"
            "packet_overhead = -43\nslot = { min = \"1ms\", packets = -1 }",
            {"f:5:9: 'limit' is 0: write 1 or more",
             "f:7:19: 'packet_overhead' is -43: write -42 or more",
             "f:8:33: 'packets' is -1: write 0 or more"}},
        Bad{"SlotAtOnce",
            "[impair.\"client:eth0\"]\nslot = { min = \"0s\" }",
            {"f:5:8: this slot comes at once: write a longer 'max'"}},
        Bad{"ReorderWithoutDelay",
            "[impair.\"client:eth0\"]\nreorder = \"1%\"",
            {"f:5:1: 'reorder' stands without 'delay': write 'delay', too"}},
        Bad{"SlotUpsideDown",
            "[impair.\"client:eth0\"]\nslot = { min = \"5ms\", max = \"1ms\" }",
            {"f:5:8: 'max' of this slot is below its 'min': write the longer "
             "one as 'max'"}}),
    [](const auto& bad) { return bad.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Steps, Mistaken,
    testing::Values(
        Bad{"UnknownHost",
            "[[step]]\ncleint = { kill = true }",
            {"f:5:1: unknown host or step 'cleint': did you mean 'client'?"}},
        Bad{"UnknownVerb",
            "[[step]]\nclient = { conect = \"server:1\" }",
            {"f:5:12: unknown action 'conect': did you mean 'connect'?"}},
        Bad{"Nothing",
            "[[step]]\nwithin = \"1s\"",
            {"f:4:1: this step does nothing: write HOST = { ... } or wait = { "
             "... }"}},
        Bad{"TwoActors",
            "[[step]]\nclient = { kill = true }\nserver = { kill = true }",
            {"f:6:1: 'server' stands beside 'client': write one [[step]] for "
             "each"}},
        Bad{"UnknownSocket",
            "[[step]]\nclient = { close = \"c\" }",
            {"f:5:20: client has no socket 'c': an earlier step must make "
             "it"}},
        Bad{"ClosedSocket",
            CONNECTED "{ client = { close = \"c\" } },\n"
                      "{ client = { send = \"c\", data = \"x\" } }]",
            {"f:8:21: socket 'c' of client is closed by then: use it before "
             "it is closed"}},
        Bad{"SecondName",
            CONNECTED "{ client = { connect = \"server:7000\", as = \"c\" } }]",
            {"f:7:44: second socket 'c' of client: choose another name with "
             "'as'; the first is at f:5:44"}},
        Bad{"NoName",
            "[[step]]\nclient = { connect = \"server:7000\" }",
            {"f:5:10: 'as' of this connect is missing: write as = \"NAME\", "
             "to speak of this connection"}},
        Bad{"NoListener",
            "[[step]]\nserver = { accept = \"c\" }",
            {"f:5:21: server has no socket 'listener': an earlier step must "
             "make it"}},
        Bad{"NoPort",
            "[[step]]\nclient = { connect = \"server\", as = \"c\" }",
            {"f:5:22: 'connect' is \"server\", which has no port: write "
             "\"server:7000\", \"10.0.0.2:7000\" or \"[fd00::2]:7000\""}},
        Bad{"TargetHost",
            "[[step]]\nclient = { connect = \"sever:1\", as = \"c\" }",
            {"f:5:22: unknown host 'sever': did you mean 'server'?"}},
        Bad{"UnknownOption",
            "[[step]]\nclient = { socket = \"s\", options = { TCP_LINGER = "
            "\"1s\" } }",
            {"f:5:38: unknown socket option 'TCP_LINGER': did you mean "
             "'TCP_LINGER2'?"}},
        Bad{"OptionUnit",
            "[[step]]\nclient = { socket = \"s\", options = { TCP_LINGER2 = "
            "\"1500ms\" } }",
            {"f:5:52: 'TCP_LINGER2' is \"1500ms\", which the option cannot "
             "hold: write a multiple of 1s"}},
        Bad{"Errno",
            "[[step]]\nclient = { connect = \"server:1\", as = \"c\", fails = "
            "\"ECONREFUSED\" }",
            {"f:5:52: 'fails' is \"ECONREFUSED\", which is no errno(3) name: "
             "did you mean 'ECONNREFUSED'?"}},
        Bad{"AsyncWait",
            "[[step]]\nwait = { duration = \"1s\" }\nasync = true",
            {"f:6:9: 'async' stands at a step that cannot block: only "
             "connect, accept, send, receive and close can"}},
        Bad{"NoPendingCall",
            "[[step]]\nwait = { call = \"client\" }",
            {"f:5:17: no call of client is pending: an earlier step must make "
             "one with async = true"}},
        Bad{"UnknownProgram",
            "[[step]]\nserver = { signal = \"SIGTERM\", to = \"web\" }",
            {"f:5:37: unknown program 'web': an earlier step must make it"}},
        Bad{"UnknownSignal",
            "step = [{ server = { run = [\"a\"] } },\n"
            "{ server = { signal = \"SIGTRM\", to = \"a\" } }]",
            {"f:5:23: 'signal' is \"SIGTRM\", which is no signal: did you "
             "mean 'SIGTERM'?"}},
        Bad{"ProgramElsewhere",
            "step = [{ server = { run = [\"a\"] } },\n"
            "{ client = { kill = \"a\" } }]",
            {"f:5:21: program 'a' does not run on client: it runs on "
             "'server'"}},
        Bad{"UnknownState",
            CONNECTED "{ wait = { client = \"FIN_WAIT3\" } }]",
            {"f:7:21: 'client' is \"FIN_WAIT3\", which is no TCP state: did "
             "you mean 'FIN_WAIT1'?"}},
        Bad{"UnknownFlag",
            "[[step]]\ndrop = { from = \"client:eth0\", flags = \"FIN|AKC\" }",
            {"f:5:40: 'flags' is \"AKC\", which has no meaning here: did you "
             "mean 'ACK'?"}},
        Bad{"StepOnUnknownEnd",
            "[[step]]\nlift = \"client:eth1\"",
            {"f:5:8: unknown end of a link 'client:eth1': did you mean "
             "'client:eth0'?"}},
        Bad{"WaitForNothing",
            "[[step]]\nwait = { cleint = \"CLOSED\" }",
            {"f:5:10: 'cleint' is nothing to wait for: did you mean "
             "'client'?"}}),
    [](const auto& bad) { return bad.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Expectations, Mistaken,
    testing::Values(
        Bad{"ImpossiblePath",
            CONNECTED
            "]\n[expect.client.c]\npath = \"ESTABLISHED > TIME_WAIT\"",
            {"f:9:23: ESTABLISHED > TIME_WAIT is impossible: after "
             "ESTABLISHED comes FIN_WAIT1, CLOSED or CLOSE_WAIT"}},
        Bad{"UnknownStateInPath",
            CONNECTED "]\n[expect.client.c]\npath = \"SYN_SENT > ESTABLISHD\"",
            {"f:9:20: 'path' is \"ESTABLISHD\", which is no TCP state: did "
             "you mean 'ESTABLISHED'?"}},
        Bad{"StateNotInPath",
            CONNECTED "]\n[expect.client.c]\npath = \"SYN_SENT\"\n"
                      "TIME_WAIT = \"60s\"",
            {"f:10:1: the path is 0 times in TIME_WAIT: add it to 'path', or "
             "mend 'occurrence'"}},
        Bad{"NeverInPath",
            CONNECTED "]\n[expect.client.c]\npath = \"SYN_SENT\"\n"
                      "never = [\"SYN_SENT\"]",
            {"f:10:9: SYN_SENT is in 'path': leave it out of 'never' or of "
             "'path'"}},
        Bad{"UnknownFormula",
            CONNECTED "]\n[expect.client.c]\nFIN_WAIT2 = \"tcp_fin_timeot\"",
            {"f:9:13: 'FIN_WAIT2' is \"tcp_fin_timeot\", which is neither a "
             "duration nor a formula: write one such as \"5s\", or a formula: "
             "did you mean 'tcp_fin_timeout'?"}},
        Bad{"LastsWithoutUnit",
            CONNECTED "]\n[expect.client.c]\nFIN_WAIT2 = \"at least 5\"",
            {"f:9:13: 'FIN_WAIT2' is 5 without a unit: write \"5ms\""}},
        Bad{"UnknownConnection",
            CONNECTED "]\n[expect.client.d]\nends = \"fin\"",
            {"f:8:16: no step makes a connection 'd' on client: did you mean "
             "'c'?"}},
        Bad{"UnknownHost",
            CONNECTED "]\n[expect.cleint.c]\nends = \"fin\"",
            {"f:8:9: unknown host 'cleint': did you mean 'client'?"}},
        Bad{"UnknownProgram",
            "[expect.client.program.web]\nexit = 0",
            {"f:4:24: unknown program 'web': an earlier step must make it"}},
        Bad{"Count",
            "[expect.client.counters]\nTcpExtTW = \"around 3\"",
            {"f:5:12: 'TcpExtTW' is no count: write 3, \"at least 3\", \"at "
             "most 3\" or \"between 3 and 5\""}},
        Bad{"EmptyDifference",
            "[[differs]]",
            {"f:4:1: 'expect' of this difference is missing: write "
             "[differs.expect.HOST.CONNECTION] below it",
             "f:4:1: 'reason' of this difference is missing: write reason = "
             "\"WHY\"",
             "f:4:1: 'source' of this difference is missing: write source = "
             "\"FILE function()\"",
             "f:4:1: 'where' of this difference is missing: write where = "
             "\"kernel < 6.1\""}},
        Bad{"WhereNobodyKnows",
            "[[differs]]\nwhere = \"in 5.10\"\nreason = \"r\"\nsource = "
            "\"s\"\nexpect = {}",
            {"f:5:9: 'where' is \"in 5.10\", which is no condition: write "
             "\"kernel < 6.1\", \"lacks sysctl net.ipv4.NAME\" or \"has "
             "FEATURE\""}},
        Bad{"WhereFeature",
            "[[differs]]\nwhere = \"lacks sch_netme\"\nreason = \"r\"\n"
            "source = \"s\"\nexpect = {}",
            {"f:5:9: unknown feature 'sch_netme': did you mean 'sch_netem'?"}},
        Bad{"DifferentExpectation",
            "[[differs]]\nwhere = \"kernel < 6.1\"\nreason = \"r\"\nsource "
            "= \"s\"\n[differs.expect.client.d]\nends = \"fin\"",
            {"f:8:24: no step makes a connection 'd' on client: write "
             "counters, "
             "program or sockets"}},
        Bad{"ResultOfNoStep",
            "step = [{ server = { listen = 7000 } }]\n"
            "[[differs]]\nwhere = \"kernel < 6.1\"\nreason = \"r\"\nsource "
            "= \"s\"\nstep.2.fails = \"EPERM\"\nstep.1x.fails = \"EPERM\"",
            {"f:9:6: '2' is no step: number one from 1 to 1",
             "f:10:6: '1x' is no step: number one from 1 to 1"}},
        Bad{"CountersThatAllMove",
            "[expect.client.counters]\n\"TcpExt*\" = \"at least 1\"",
            {"f:5:13: 'TcpExt*' would have every counter move: write 0 or "
             "\"at most 1\", and name those that must move"}},
        Bad{"AtWithoutSince",
            CONNECTED
            "]\n[expect.client.c]\npackets = [{ sent = \"FIN\", at = \"1s\" }]",
            {"f:9:28: 'at' stands without 'since': write the state from whose "
             "begin it is reckoned: since = \"FIN_WAIT1\""}},
        Bad{"NumberWithoutAt",
            CONNECTED
            "]\n[expect.client.c]\npackets = [{ sent = \"FIN\", number = 2 }]",
            {"f:9:28: 'number' stands without 'at': write when it passes: at = "
             "\"204ms\""}},
        Bad{"AtToTheEnd",
            CONNECTED "]\n[expect.client.c]\npackets = [{ sent = \"FIN\", "
                      "since = \"FIN_WAIT1\", at = \"to the end\" }]",
            {"f:9:54: 'at' is \"to the end\", which is no length of time: "
             "write \"2s\", \"at least 2s\", \"at most 2s\" or \"between 1s "
             "and 2s\""}},
        Bad{"NoGaps",
            CONNECTED
            "]\n[expect.client.c]\npackets = [{ sent = \"FIN\", gaps = [] }]",
            {"f:9:35: 'gaps' is empty: write an array, [\"204ms\", \"at least "
             "400ms\"]"}},
        Bad{"GapWithoutUnit",
            CONNECTED
            "]\n[expect.client.c]\npackets = [{ sent = \"FIN\", gaps = [204] "
            "}]",
            {"f:9:36: 'gaps' is 204 without a unit: write \"204ms\""}},
        Bad{"Shutdown",
            CONNECTED
            "]\n[expect.client.c]\nFIN_WAIT2 = { shutdown = \"write\" }",
            {"f:9:26: 'shutdown' is \"write\", which has no meaning here: "
             "write none, receive, send or both"}},
        Bad{"SocketsOfNoState",
            "[[expect.client.sockets]]\npeak = 3",
            {"f:4:1: 'state' of this sockets expectation is missing: write "
             "state = \"FIN_WAIT2\""}},
        Bad{"SocketsInClosed",
            "[[expect.client.sockets]]\nstate = \"CLOSED\"\npeak = 3",
            {"f:5:9: no socket is in CLOSED: it is gone: count those of "
             "another state, state = \"FIN_WAIT2\""}},
        Bad{"SocketsWithoutASentence",
            "[[expect.client.sockets]]\nstate = \"FIN_WAIT2\"",
            {"f:4:1: nothing is said of these sockets: write 'peak', 'at_end', "
             "'lasts' or 'counts'"}},
        Bad{"SocketsOfAnUnknownConnection",
            CONNECTED "]\n[[expect.client.sockets]]\nstate = \"FIN_WAIT2\"\n"
                      "connection = \"d\"\npeak = 1",
            {"f:10:14: no step makes a connection 'd' on client: did you mean "
             "'c'?"}},
        Bad{"InfoField",
            CONNECTED "]\n[expect.client.c]\ninfo = { total_retran = 0 }",
            {"f:9:10: unknown key 'total_retran' in this info: did you mean "
             "'total_retrans'?"}},
        Bad{"PacketWithoutDirection",
            CONNECTED "]\n[expect.client.c]\npackets = [{ count = 1 }]",
            {"f:9:12: this packet expectation lacks its main key: write sent, "
             "received or any"}}),
    [](const auto& bad) { return bad.param.name; });

TEST(Mistakes, AreAllReportedAtOnce) {
  EXPECT_EQ(MistakesIn("time_limit = 5\nlables = 1\n[[step]]\nlift = 3").size(),
            3u);
}

TEST(Mistakes, OfSyntaxAreOneDiagnostic) {
  auto lines = MistakesIn("labels = [");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with("f:4:")) << lines[0];
}

TEST(Mistakes, OfAMissingFileAreADiagnostic) {
  auto loaded = LoadScenario("/nowhere/at/all.toml", {});
  ASSERT_EQ(loaded.diagnostics.size(), 1u);
  EXPECT_EQ(ToString(loaded.diagnostics[0]),
            "/nowhere/at/all.toml: cannot read it: No such file or directory: "
            "name a file that you may read");
}

TEST(Mistakes, WithoutATopologyDoNotMultiply) {
  auto loaded = ParseScenario(
      "title = \"t\"\ntopology = \"two-hots\"\n[[step]]\nclient = { listen = 1 "
      "}\n",
      "f", {Topologies()});
  ASSERT_EQ(loaded.diagnostics.size(), 1u);
  EXPECT_EQ(ToString(loaded.diagnostics[0]),
            "f:2:12: there is no topology 'two-hots': did you mean "
            "'two-hosts'?");
}

}  // namespace
}  // namespace finwait::scenario
