// Whole runs of small scenarios: what comes out, and how it is said.
#include "lab/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <future>

#include "base/clock.h"
#include "netns/user_namespace.h"
#include "scenario/load.h"
#include "tcp/linux_timing.h"

namespace finwait::lab {
namespace {

using judge::Result;
using judge::Verdict;
using std::chrono::seconds;
using ::testing::HasSubstr;

class Runs : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { netns::EnsurePrivilege(); }

  // The one case of a scenario whose head is given here.
  static Result Play(const std::string& topology, const std::string& rest,
                     const RunOptions& options = {}) {
    const auto loaded = scenario::ParseScenario(
        "title = \"test\"\ntopology = \"" + topology + "\"\n" + rest,
        "test.toml", {FINWAIT_TOPOLOGIES});
    for (const auto& d : loaded.diagnostics) ADD_FAILURE() << ToString(d);
    if (loaded.cases.size() != 1) return {};
    return lab::Run(loaded.cases[0], options);
  }

  static std::string Text(const Result& result) {
    std::string text = result.reason;
    for (const auto& finding : result.findings) {
      if (finding.verdict == Verdict::kPass) continue;
      text += "\n" + finding.subject + ": " + finding.expected + ": " +
              finding.formula + ": " + finding.actual;
    }
    return text;
  }
};

constexpr char kConnect[] = R"(
[[step]]
server = { listen = 7000 }
[[step]]
client = { connect = "server:7000", as = "conn" }
[[step]]
server = { accept = "conn" }
)";

constexpr char kExchange[] = R"(
[[step]]
client = { send = "conn", data = "ping" }
[[step]]
server = { receive = "conn", data = "ping" }
[[step]]
server = { send = "conn", bytes = "200kB" }
[[step]]
client = { receive = "conn", bytes = "200kB" }
)";

std::string Orphan(const std::string& lasts) {
  return std::string("[sysctl.client]\n\"net.ipv4.tcp_fin_timeout\" = 3\n") +
         kConnect + R"(
[[step]]
client = { close = "conn" }
[[step]]
wait = { client = "CLOSED", on = "conn" }
[expect.client.conn]
FIN_WAIT2 = ")" +
         lasts + "\"\n";
}

TEST_F(Runs, OneWheelSlotAndAJiffyMakeTheDifference) {
  const int hz = KernelHz();
  const Duration off = tcp::WheelLateness(seconds(3), hz) + tcp::Jiffy(hz);
  const auto play = [](const std::string& lasts) {
    return std::async(std::launch::async,
                      [=] { return Play("two-hosts", Orphan(lasts)); });
  };
  auto right = play("tcp_fin_timeout");
  // The blur and, where nobody tells of the timer, what its softirq may take.
  const Duration allowance =
      std::chrono::milliseconds(TimeIsVirtual() ? 1 : 15);
  auto late = play(Format(seconds(3) - off - allowance));
  auto early = play(Format(seconds(3) + off));
  const Result passed = right.get();
  EXPECT_EQ(passed.verdict, Verdict::kPass) << Text(passed);
  const Result too_late = late.get();
  EXPECT_EQ(too_late.verdict, Verdict::kFail);
  EXPECT_THAT(Text(too_late), HasSubstr("too long"));
  EXPECT_THAT(Text(too_late), HasSubstr("never early"));
  const Result too_early = early.get();
  EXPECT_EQ(too_early.verdict, Verdict::kFail);
  EXPECT_THAT(Text(too_early), HasSubstr("too short"));
}

TEST_F(Runs, EveryTopologyCarriesBothFamilies) {
  for (const std::string topology :
       {"two-hosts", "dual-stack", "client-router-server", "three-hops"}) {
    for (const std::string family : {"ipv4", "ipv6"}) {
      const Result result = Play(
          topology, "family = \"" + family + "\"\n" + kConnect + kExchange);
      EXPECT_EQ(result.verdict, Verdict::kPass)
          << topology << " " << family << Text(result);
    }
  }
}

TEST_F(Runs, ALanJoinsItsHosts) {
  const auto loaded = scenario::ParseScenario(R"(
title = "lan"
topology = { use = "lan", hosts = 40 }
[[step]]
host40 = { listen = 7000 }
[[step]]
host1 = { connect = "host40:7000", as = "conn" }
[[step]]
host40 = { accept = "conn" }
)",
                                              "lan.toml", {FINWAIT_TOPOLOGIES});
  ASSERT_EQ(loaded.cases.size(), 1U);
  const Result result = lab::Run(loaded.cases[0], {});
  EXPECT_EQ(result.verdict, Verdict::kPass) << Text(result);
}

TEST_F(Runs, AnAbsentSysctlIsUnsupportedByName) {
  const Result result =
      Play("two-hosts",
           std::string("[sysctl.client]\n\"net.ipv4.tcp_warp_factor\" = 9\n") +
               kConnect);
  EXPECT_EQ(result.verdict, Verdict::kUnsupported);
  EXPECT_THAT(result.reason, HasSubstr("net.ipv4.tcp_warp_factor"));
}

TEST_F(Runs, AHostGlobalSysctlIsRefused) {
  const Result result =
      Play("two-hosts",
           std::string("[sysctl.client]\n\"net.ipv4.tcp_max_orphans\" = 9\n") +
               kConnect);
  EXPECT_EQ(result.verdict, Verdict::kBroken);
  EXPECT_THAT(result.reason, HasSubstr("net.ipv4.tcp_max_orphans"));
}

TEST_F(Runs, AMissingProgramIsUnsupportedByName) {
  const Result result = Play("two-hosts",
                             "[[step]]\n"
                             "server = { run = [\"no-such-program\"] }\n");
  EXPECT_EQ(result.verdict, Verdict::kUnsupported);
  EXPECT_THAT(result.reason, HasSubstr("no-such-program"));
}

TEST_F(Runs, AnUnexpectedErrorFailsTheStep) {
  const Result result =
      Play("two-hosts",
           "[[step]]\n"
           "client = { connect = \"server:9\", as = \"c\" }\n");
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_THAT(Text(result), HasSubstr("failed with ECONNREFUSED"));
}

TEST_F(Runs, AWaitThatIsInVainSaysWhatThereIs) {
  const Result result = Play("two-hosts", std::string(kConnect) + R"(
[[step]]
wait = { client = "CLOSED", on = "conn", within = "50ms" }
)");
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_THAT(Text(result), HasSubstr("client conn is ESTABLISHED since"));
}

TEST_F(Runs, ABlockedCallGoesOnWhileTheNetworkHeals) {
  const Result result = Play("two-hosts", R"(
[[step]]
server = { listen = 7000 }
[[step]]
blackhole = "client:eth0"
[[step]]
client = { connect = "server:7000", as = "conn" }
async = true
[[step]]
wait = { packet = "SYN", at = "client", direction = "sent", on = "conn", count = 2 }
[[step]]
restore = "client:eth0"
[[step]]
wait = { call = "client" }
[[step]]
server = { accept = "conn" }
[expect.client.conn]
path = "SYN_SENT > ESTABLISHED"
SYN_SENT = "between 1s and 3500ms"
)");
  EXPECT_EQ(result.verdict, Verdict::kPass) << Text(result);
}

TEST_F(Runs, TakesCountsFromTheFirstCallToTheLast) {
  const std::string receive = R"(
[[step]]
server = { receive = "conn", data = "pingpong", takes = "BOUND" }
async = true
[[step]]
wait = { duration = "60ms" }
[[step]]
client = { send = "conn", data = "ping" }
[[step]]
wait = { duration = "60ms" }
[[step]]
client = { send = "conn", data = "pong" }
[[step]]
wait = { call = "server" }
)";
  for (const auto& [bound, verdict] :
       {std::pair("at least 100ms", Verdict::kPass),
        std::pair("at most 10ms", Verdict::kFail)}) {
    std::string text = std::string(kConnect) + receive;
    text.replace(text.find("BOUND"), 5, bound);
    const Result result = Play("two-hosts", text);
    EXPECT_EQ(result.verdict, verdict) << bound << Text(result);
  }
}

TEST_F(Runs, KillingAnActorClosesItsSockets) {
  const Result result = Play("two-hosts", std::string(kConnect) + R"(
[[step]]
client = { kill = true }
[[step]]
server = { receive = "conn", end_of_file = true }
[[step]]
wait = { client = "FIN_WAIT2", on = "conn" }
[expect.client.conn]
path = "SYN_SENT > ESTABLISHED > FIN_WAIT1 > FIN_WAIT2"
FIN_WAIT2 = { orphan = true }
)");
  EXPECT_EQ(result.verdict, Verdict::kPass) << Text(result);
}

TEST_F(Runs, AnActorThatExitsDoesNotLinger) {
  const Result result = Play("two-hosts", std::string(kConnect) + R"(
[[step]]
client = { setsockopt = "conn", options = { SO_LINGER = "9s" } }
[[step]]
blackhole = "client:eth0"
[[step]]
client = { exit = true }
[[step]]
wait = { client = "FIN_WAIT1", on = "conn", within = "1s" }
[expect.client.conn]
path = "SYN_SENT > ESTABLISHED > FIN_WAIT1"
FIN_WAIT1 = { orphan = true }
)");
  EXPECT_EQ(result.verdict, Verdict::kPass) << Text(result);
}

TEST_F(Runs, OptionsAreSetAndReadBack) {
  const Result result = Play("two-hosts", std::string(kConnect) + R"(
[[step]]
client = { setsockopt = "conn", options = { TCP_LINGER2 = "500s", SO_LINGER = "2s" } }
[[step]]
client = { getsockopt = "conn", options = { TCP_LINGER2 = "120s", SO_LINGER = "2s" } }
)");
  EXPECT_EQ(result.verdict, Verdict::kPass) << Text(result);
}

TEST_F(Runs, AProgramIsRestarted) {
  const Result result = Play("two-hosts", R"(
[[step]]
server = { run = ["cat"], keep_input_open = true }
[[step]]
server = { write = "once\n", to = "cat" }
[[step]]
wait = { output = "once", of = "cat" }
[[step]]
server = { restart = "cat" }
[[step]]
server = { write = "twice\n", to = "cat" }
[[step]]
wait = { output = "twice", of = "cat" }
)");
  EXPECT_EQ(result.verdict, Verdict::kPass) << Text(result);
  ASSERT_EQ(result.timeline.programs.size(), 2U);
  EXPECT_EQ(result.timeline.programs[0].term_signal, 9);
  EXPECT_NE(result.timeline.programs[0].pid, result.timeline.programs[1].pid);
}

TEST_F(Runs, AnInterruptBreaksTheRunAndKeepsWhatWasSeen) {
  const FileDescriptor interrupt(eventfd(0, EFD_CLOEXEC));
  RunOptions options;
  options.interrupt_fd = interrupt.get();
  options.on_step = [&](const tcp::StepRecord& step) {
    if (step.number == 4) eventfd_write(interrupt.get(), 1);
  };
  const Result result = Play("two-hosts", std::string(kConnect) + R"(
[[step]]
wait = { client = "CLOSED", on = "conn", within = "60s" }
)",
                             options);
  EXPECT_EQ(result.verdict, Verdict::kBroken);
  EXPECT_EQ(result.reason, "interrupted");
  EXPECT_EQ(result.timeline.steps.size(), 4U);
  EXPECT_NE(result.timeline.Find("client", "conn"), nullptr);
}

TEST_F(Runs, BlameNamesTheProcessThatForgotToClose) {
  const Result result = Play("two-hosts", std::string(kConnect) + R"(
[[step]]
client = { close = "conn" }
[[step]]
wait = { client = "FIN_WAIT2", on = "conn" }
)");
  ASSERT_FALSE(result.blame.empty());
  EXPECT_THAT(result.blame[0], HasSubstr("client's FIN_WAIT2"));
  EXPECT_THAT(result.blame[0], HasSubstr("is an orphan (no process)"));
  EXPECT_THAT(result.blame[0], HasSubstr("still holds descriptor 4"));
  EXPECT_THAT(result.blame[0], HasSubstr("has not called close()"));
}

// A sysctl that is raised on the way makes an orphan that looks like one of the
// kernel's race. One that looks so every time fails every time.
TEST_F(Runs, ThatTheKernelsRaceSpoiledAreTakenAgainTwice) {
  const std::string sysctl = R"(
[sysctl.server]
"net.ipv4.tcp_fin_timeout" = 5
)";
  const std::string close = R"(
[[step]]
server = { sysctl = { "net.ipv4.tcp_fin_timeout" = 70 } }
[[step]]
server = { close = "conn" }
[[step]]
wait = { server = "FIN_WAIT2", on = "conn" }
)";
  const std::string path =
      "[expect.server.conn]\npath = \"SYN_RECV > ESTABLISHED > FIN_WAIT1 > "
      "FIN_WAIT2";
  const Result fails =
      Play("two-hosts", sysctl + kConnect + close + path + " > CLOSED\"\n");
  EXPECT_EQ(fails.verdict, Verdict::kFail);
  ASSERT_EQ(fails.retakes.size(), 2U) << Text(fails);
  EXPECT_THAT(fails.retakes[0], HasSubstr("close() still had the socket"));
  const Result passes =
      Play("two-hosts", sysctl + kConnect + close + path + "\"\n");
  EXPECT_EQ(passes.verdict, Verdict::kPass) << Text(passes);
  EXPECT_TRUE(passes.retakes.empty());
}

TEST_F(Runs, ASessionCanBeReplaced) {
  scenario::Scenario scenario;
  scenario.topology =
      scenario::LoadTopology(std::filesystem::path(FINWAIT_TOPOLOGIES) /
                             "two-hosts.toml")
          .topology;
  Session session(scenario, {});
  session = Session(scenario, {});
  EXPECT_TRUE(session.Finish().endpoints.empty());
}

}  // namespace
}  // namespace finwait::lab
