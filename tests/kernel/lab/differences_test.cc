// Differences that are declared of the kernel the tests run on.
#include "lab/differences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/probe.h"
#include "lab/run.h"
#include "netns/user_namespace.h"
#include "scenario/load.h"

namespace finwait::lab {
namespace {

using judge::Verdict;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;

// A SYN to a port where nobody listens gives one RST.
constexpr char kRefused[] = R"(
title    = "test"
topology = "two-hosts"
[[step]]
client = { connect = "server:7000", as = "conn", fails = "ECONNREFUSED" }
[expect.server.counters]
TcpOutRsts = )";

class Differences : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { netns::EnsurePrivilege(); }

  static scenario::Scenario Load(const std::string& rest) {
    const auto loaded = scenario::ParseScenario(kRefused + rest, "test.toml",
                                                {FINWAIT_TOPOLOGIES});
    for (const auto& d : loaded.diagnostics) ADD_FAILURE() << ToString(d);
    return loaded.cases.at(0);
  }

  static std::string Where(const std::string& condition, int resets) {
    return "\n[[differs]]\nwhere = \"" + condition +
           "\"\nreason = \"r\"\nsource = \"s\"\n"
           "[differs.expect.server.counters]\nTcpOutRsts = " +
           std::to_string(resets);
  }
};

TEST_F(Differences, AreFoundByTrying) {
  const std::string fin_timeout = "sysctl net.ipv4.tcp_fin_timeout";
  EXPECT_THAT(
      DifferencesHere(Load("0" + Where("lacks " + fin_timeout, 1) +
                           Where("has " + fin_timeout, 2) +
                           Where("lacks sysctl net.ipv4.tcp_nonsense", 3) +
                           Where("kernel < 3.0", 4))),
      ElementsAre(1, 2));
  EXPECT_THAT(DifferencesHere(Load("0" + Where("has inet_diag", 1) +
                                   Where("lacks inet_diag", 2) +
                                   Where("kernel > 3.0", 3))),
              ElementsAre(0, 2));
}

TEST_F(Differences, DecideHowARunIsJudged) {
  EXPECT_EQ(lab::Run(Load("0" + Where("kernel > 3.0", 1)), {}).verdict,
            Verdict::kPass);
  EXPECT_EQ(lab::Run(Load("1" + Where("kernel < 3.0", 0)), {}).verdict,
            Verdict::kPass);
  const auto stale = lab::Run(Load("1" + Where("kernel > 3.0", 0)), {});
  EXPECT_EQ(stale.verdict, Verdict::kFail);
  EXPECT_EQ(stale.findings.size(), 2U);
}

TEST_F(Differences, MayBeOfEveryFeature) {
  std::vector<std::string> known = scenario::FeatureNames();
  known.emplace_back("timer resolution");  // a number, neither had nor lacked
  std::vector<std::string> probed;
  for (const Feature& feature : Probe()) probed.push_back(feature.name);
  EXPECT_THAT(probed, UnorderedElementsAreArray(known));
}

}  // namespace
}  // namespace finwait::lab
