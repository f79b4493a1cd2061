// Crafted segments and SOCK_DESTROY do to real connections what they should.
#include <gtest/gtest.h>

#include "lab/run.h"
#include "netns/user_namespace.h"
#include "scenario/load.h"

namespace finwait::lab {
namespace {

using judge::Verdict;

class CraftTest : public ::testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() { netns::EnsurePrivilege(); }

  static judge::Result Play(const std::string& rest) {
    const auto loaded = scenario::ParseScenario(
        "title = \"test\"\ntopology = \"two-hosts\"\nfamily = \"" +
            std::string(GetParam()) + "\"\n" + R"(
[[step]]
server = { listen = 7000 }
[[step]]
client = { connect = "server:7000", as = "conn" }
[[step]]
server = { accept = "conn" }
)" + rest,
        "test.toml", {FINWAIT_TOPOLOGIES});
    for (const auto& d : loaded.diagnostics) ADD_FAILURE() << ToString(d);
    return loaded.cases.empty() ? judge::Result{}
                                : lab::Run(loaded.cases[0], {});
  }

  static std::string Text(const judge::Result& result) {
    std::string text = result.reason;
    for (const auto& finding : result.findings) {
      if (finding.verdict == Verdict::kPass) continue;
      text += "\n" + finding.subject + ": " + finding.actual;
    }
    return text;
  }
};

TEST_P(CraftTest, AnExactResetEndsAConnectionThatItsSenderKnowsNothingOf) {
  const auto result = Play(R"(
[[step]]
server = { craft = "RST", on = "conn", seq = "rcv_nxt" }
[[step]]
client = { receive = "conn", fails = "ECONNRESET" }
[expect.client.conn]
ends = "received reset"
[expect.server.conn]
path = "SYN_RECV > ESTABLISHED"
packets = [{ sent = "RST", count = 0 }]
)");
  EXPECT_EQ(result.verdict, Verdict::kPass) << Text(result);
}

TEST_P(CraftTest, DataWithTheRightNumbersIsReceived) {
  const auto result = Play(R"(
[[step]]
server = { craft = "PSH|ACK", on = "conn", seq = "rcv_nxt", data = "false" }
[[step]]
client = { receive = "conn", data = "false" }
)");
  EXPECT_EQ(result.verdict, Verdict::kPass) << Text(result);
}

TEST_P(CraftTest, AnOldTimestampIsRefused) {
  const auto result = Play(R"(
[[step]]
server = { craft = "PSH|ACK", on = "conn", seq = "rcv_nxt", data = "x", timestamp = "old" }
[[step]]
wait = { packet = "ACK", at = "client", direction = "sent", count = 2 }
[expect.client.counters]
TcpExtPAWSEstab = 1
)");
  EXPECT_EQ(result.verdict, Verdict::kPass) << Text(result);
}

TEST_P(CraftTest, SockDestroyAbortsAnOpenConnection) {
  const auto result = Play(R"(
[[step]]
client = { destroy = "conn" }
[[step]]
client = { receive = "conn", fails = "ECONNABORTED" }
[[step]]
server = { receive = "conn", fails = "ECONNRESET" }
)");
  EXPECT_EQ(result.verdict, Verdict::kPass) << Text(result);
}

INSTANTIATE_TEST_SUITE_P(Families, CraftTest,
                         ::testing::Values("ipv4", "ipv6"));

}  // namespace
}  // namespace finwait::lab
