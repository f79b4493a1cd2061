// Formulas: what they ask for, what they come to, and what they say.
#include "tcp/formula.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace finwait::tcp {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAreArray;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Sysctls = std::map<std::string, std::int64_t, std::less<>>;

TcpInfo LanInfo() {
  TcpInfo info;
  info.rto = milliseconds(204);
  info.rtt = microseconds(60);
  info.rttvar = milliseconds(50);
  return info;
}

// A 6.18 host with its defaults, but for what the test changes.
FormulaInputs Inputs(const Sysctls& changed = {}) {
  Sysctls sysctls = {
      {"net.ipv4.tcp_early_retrans", 3},
      {"net.ipv4.tcp_fin_timeout", 60},
      {"net.ipv4.tcp_keepalive_intvl", 75},
      {"net.ipv4.tcp_keepalive_probes", 9},
      {"net.ipv4.tcp_keepalive_time", 7200},
      {"net.ipv4.tcp_orphan_retries", 0},
      {"net.ipv4.tcp_retries2", 15},
      {"net.ipv4.tcp_rto_max_ms", 120'000},
      {"net.ipv4.tcp_rto_min_us", 200'000},
      {"net.ipv4.tcp_sack", 1},
      {"net.ipv4.tcp_syn_linear_timeouts", 4},
      {"net.ipv4.tcp_syn_retries", 6},
      {"net.ipv4.tcp_synack_retries", 5},
      {"net.ipv4.tcp_timestamps", 1},
  };
  for (const auto& [name, value] : changed) sysctls[name] = value;
  FormulaInputs inputs;
  inputs.sysctl =
      [sysctls](std::string_view name) -> std::optional<std::int64_t> {
    auto found = sysctls.find(name);
    if (found == sysctls.end()) return std::nullopt;
    return found->second;
  };
  inputs.info = LanInfo();
  return inputs;
}

Duration Nominal(std::string_view name, const FormulaInputs& inputs) {
  auto value = Evaluate(name, inputs);
  EXPECT_TRUE(value.has_value()) << name;
  return value ? value->chain.nominal() : Duration::min();
}

std::string Explanation(std::string_view name, const FormulaInputs& inputs) {
  auto value = Evaluate(name, inputs);
  return value ? value->explanation : "nothing";
}

TEST(Formulas, AreDescribedOnceEach) {
  std::set<std::string> names;
  for (const FormulaDescription& formula : Formulas()) {
    names.insert(formula.name);
    EXPECT_TRUE(IsFormula(formula.name));
    EXPECT_THAT(formula.meaning, EndsWith(".")) << formula.name;
    EXPECT_FALSE(formula.source.empty()) << formula.name;
  }
  EXPECT_EQ(names.size(), Formulas().size());
  EXPECT_EQ(names.size(), 10u);
  EXPECT_FALSE(IsFormula("tcp_fin_timout"));
  EXPECT_FALSE(Evaluate("tcp_fin_timout", Inputs()).has_value());
}

TEST(Formulas, AskForTheSysctlsTheyAnnounceAndNoOthers) {
  std::set<std::string> asked;
  FormulaInputs inputs = Inputs();
  inputs.options["TCP_USER_TIMEOUT"] = 3000;
  auto answer = inputs.sysctl;
  inputs.sysctl = [&](std::string_view name) {
    asked.emplace(name);
    return answer(name);
  };
  for (const FormulaDescription& formula : Formulas()) {
    EXPECT_TRUE(Evaluate(formula.name, inputs).has_value()) << formula.name;
  }
  EXPECT_THAT(asked, ElementsAreArray(FormulaSysctls()));
}

TEST(Formulas, AreEmptyWithoutASysctlTheyNeed) {
  FormulaInputs inputs;
  inputs.info = LanInfo();
  for (std::string_view name :
       {"tcp_fin_timeout", "tcp_orphan_retries", "tcp_retries2",
        "tcp_syn_retries", "tcp_synack_retries", "tcp_keepalive"}) {
    EXPECT_FALSE(Evaluate(name, inputs).has_value()) << name;
  }
}

TEST(Formulas, AreEmptyWithoutTheTcpInfoTheyNeed) {
  FormulaInputs inputs = Inputs();
  inputs.info.reset();
  for (std::string_view name : {"tcp_orphan_retries", "tcp_retries2",
                                "fin_wait2_floor", "delayed_ack"}) {
    EXPECT_FALSE(Evaluate(name, inputs).has_value()) << name;
  }
}

TEST(FinTimeout, ExplainsASingleMinisock) {
  FormulaInputs inputs = Inputs({{"net.ipv4.tcp_fin_timeout", 20}});
  EXPECT_EQ(Nominal("tcp_fin_timeout", inputs), seconds(20));
  EXPECT_EQ(Explanation("tcp_fin_timeout", inputs),
            "tcp_fin_time() = max(tcp_fin_timeout 20s, 3.5 * RTO 204ms = "
            "716ms) = 20s; up to 60s an orphan's FIN_WAIT2 is one timewait "
            "minisock of that length");
}

TEST(FinTimeout, ExplainsTheCliffAt61Seconds) {
  FormulaInputs inputs = Inputs({{"net.ipv4.tcp_fin_timeout", 61}});
  EXPECT_EQ(Nominal("tcp_fin_timeout", inputs), seconds(2));
  EXPECT_EQ(Explanation("tcp_fin_timeout", inputs),
            "tcp_fin_time() = max(tcp_fin_timeout 61s, 3.5 * RTO 204ms = "
            "716ms) = 61s; above 60s an orphan's FIN_WAIT2 is a full socket "
            "for the 1s beyond 60s, then a timewait minisock for 1s: 2s in "
            "all");
}

TEST(FinTimeout, TakesLinger2FirstAndCapsIt) {
  FormulaInputs inputs = Inputs();
  inputs.options["TCP_LINGER2"] = 7;
  EXPECT_EQ(Nominal("tcp_fin_timeout", inputs), seconds(7));
  EXPECT_THAT(Explanation("tcp_fin_timeout", inputs),
              HasSubstr("max(TCP_LINGER2 7s, "));
  inputs.options["TCP_LINGER2"] = 500;
  EXPECT_EQ(Nominal("tcp_fin_timeout", inputs), seconds(120));
  EXPECT_THAT(Explanation("tcp_fin_timeout", inputs),
              HasSubstr("TCP_LINGER2 500s capped at 120s"));
  inputs.options["TCP_LINGER2"] = 0;
  EXPECT_EQ(Nominal("tcp_fin_timeout", inputs), seconds(60));
}

TEST(FinTimeout, IsNothingForANegativeLinger2) {
  FormulaInputs inputs = Inputs();
  inputs.options["TCP_LINGER2"] = -1;
  EXPECT_EQ(Nominal("tcp_fin_timeout", inputs), Duration::zero());
  EXPECT_THAT(Explanation("tcp_fin_timeout", inputs), HasSubstr("reset"));
}

TEST(FinTimeout, NeedsNoTcpInfoUnlessTheFloorDecides) {
  FormulaInputs inputs = Inputs({{"net.ipv4.tcp_fin_timeout", 1}});
  inputs.info.reset();
  EXPECT_EQ(Nominal("tcp_fin_timeout", inputs), seconds(1));
  inputs = Inputs({{"net.ipv4.tcp_fin_timeout", 0}});
  EXPECT_EQ(Nominal("tcp_fin_timeout", inputs), milliseconds(716));
  inputs.info.reset();
  EXPECT_FALSE(Evaluate("tcp_fin_timeout", inputs).has_value());
}

TEST(FinTimeout, TakesTheInitialRtoOfSynSentForNoMeasurement) {
  FormulaInputs inputs = Inputs({{"net.ipv4.tcp_fin_timeout", 1}});
  inputs.info = TcpInfo{.rto = seconds(1), .rttvar = milliseconds(250)};
  EXPECT_EQ(Nominal("tcp_fin_timeout", inputs), seconds(1));
}

TEST(RetransmissionFormulas, TakeARoundTripOfNothingForMeasured) {
  FormulaInputs inputs = Inputs();
  inputs.info = TcpInfo{.rto = milliseconds(204)};  // as in virtual time
  EXPECT_TRUE(Evaluate("tcp_orphan_retries", inputs).has_value());
  inputs.info = TcpInfo{.rto = seconds(1), .rttvar = milliseconds(250)};
  EXPECT_FALSE(Evaluate("tcp_orphan_retries", inputs).has_value());
}

TEST(FinWait2FloorFormula, DropsTheBackOffOnlyWithTimestamps) {
  FormulaInputs inputs = Inputs();
  inputs.info->rto = milliseconds(816);
  inputs.info->backoff = 2;
  EXPECT_EQ(Nominal("fin_wait2_floor", inputs), milliseconds(716));
  inputs = Inputs({{"net.ipv4.tcp_timestamps", 0}});
  inputs.info->rto = milliseconds(816);
  inputs.info->backoff = 2;
  EXPECT_EQ(Nominal("fin_wait2_floor", inputs), milliseconds(2856));
}

TEST(TimeWaitFormula, IsSixtySecondsWhateverTheSysctls) {
  EXPECT_EQ(Nominal("time_wait", FormulaInputs{}), seconds(60));
}

TEST(OrphanFormula, TellsLimitAndRungs) {
  FormulaInputs inputs = Inputs({{"net.ipv4.tcp_orphan_retries", 2}});
  EXPECT_EQ(Nominal("tcp_orphan_retries", inputs), milliseconds(3264));
  EXPECT_EQ(
      Explanation("tcp_orphan_retries", inputs),
      "tcp_orphan_retries 2 ends the socket at the first timeout at least "
      "tcp_model_timeout(2) = 1.4s after the first RTO retransmission (RTO "
      "204ms, a tail loss probe first); retransmissions are due at 204ms, "
      "408ms, 816ms and 1.632s, the end at 3.264s");
}

TEST(OrphanFormula, SaysThatZeroCountsAsEight) {
  EXPECT_THAT(Explanation("tcp_orphan_retries", Inputs()),
              StartsWith("tcp_orphan_retries 0, which counts as 8 while"));
}

TEST(OrphanFormula, StartsFromTheRtoBeforeBackOff) {
  FormulaInputs inputs = Inputs({{"net.ipv4.tcp_orphan_retries", 2}});
  inputs.info->rto = milliseconds(1632);
  inputs.info->backoff = 3;
  EXPECT_EQ(Nominal("tcp_orphan_retries", inputs), milliseconds(3264));
}

TEST(OrphanFormula, KnowsWhenThereIsNoTailLossProbe) {
  for (const char* sysctl :
       {"net.ipv4.tcp_sack", "net.ipv4.tcp_early_retrans"}) {
    FormulaInputs inputs =
        Inputs({{"net.ipv4.tcp_orphan_retries", 2}, {sysctl, 0}});
    EXPECT_EQ(Nominal("tcp_orphan_retries", inputs), milliseconds(3060));
    EXPECT_THAT(Explanation("tcp_orphan_retries", inputs),
                HasSubstr("no tail loss probe"));
  }
}

TEST(OrphanFormula, TellsALimitJustBehindTheLastRung) {
  FormulaInputs inputs = Inputs({{"net.ipv4.tcp_orphan_retries", 4}});
  auto value = Evaluate("tcp_orphan_retries", inputs);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->earliest, milliseconds(6608));
  EXPECT_EQ(value->chain.nominal(), milliseconds(6528));
  EXPECT_THAT(value->explanation, HasSubstr("not before the limit at 6.608s"));
}

TEST(Retries2Formula, GivesTheEarlierEndWhereThePhaseOfTheWheelDecides) {
  FormulaInputs inputs =
      Inputs({{"net.ipv4.tcp_retries2", 8}, {"net.ipv4.tcp_rto_max_ms", 1000}});
  auto value = Evaluate("tcp_retries2", inputs);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->earliest, milliseconds(7808));
  EXPECT_EQ(value->chain.nominal(), milliseconds(8632));
  EXPECT_THAT(value->explanation, HasSubstr("or as soon as 7.808s"));
}

TEST(Retries2Formula, ReadsRtoMaxFromOptionOrSysctl) {
  FormulaInputs inputs =
      Inputs({{"net.ipv4.tcp_retries2", 8}, {"net.ipv4.tcp_rto_max_ms", 1000}});
  EXPECT_THAT(Explanation("tcp_retries2", inputs),
              HasSubstr("tcp_model_timeout(8) = 7.4s"));
  inputs = Inputs({{"net.ipv4.tcp_retries2", 8}});
  EXPECT_THAT(Explanation("tcp_retries2", inputs), HasSubstr("102.2s"));
  inputs.options["TCP_RTO_MAX_MS"] = 1000;
  EXPECT_THAT(Explanation("tcp_retries2", inputs),
              HasSubstr("tcp_model_timeout(8) = 7.4s"));
}

TEST(Retries2Formula, SurvivesNumbersThatNoKernelShouldHave) {
  for (std::int64_t retries : {-1L, 256L, 2'147'483'647L}) {
    FormulaInputs inputs = Inputs({{"net.ipv4.tcp_retries2", retries}});
    EXPECT_TRUE(Evaluate("tcp_retries2", inputs).has_value()) << retries;
  }
}

TEST(UserTimeoutFormula, CountsFromTheFirstRtoRetransmission) {
  FormulaInputs inputs = Inputs();
  EXPECT_FALSE(Evaluate("tcp_user_timeout", inputs).has_value());
  inputs.options["TCP_USER_TIMEOUT"] = 3000;
  for (std::string_view name :
       {"tcp_user_timeout", "tcp_orphan_retries", "tcp_retries2"}) {
    EXPECT_EQ(Nominal(name, inputs), milliseconds(3408)) << name;
    EXPECT_THAT(Explanation(name, inputs),
                StartsWith("TCP_USER_TIMEOUT ends the socket 3s after the "
                           "first RTO retransmission"));
  }
}

TEST(UserTimeoutFormula, CountsFromTheFirstSynInSynSent) {
  FormulaInputs inputs = Inputs();
  inputs.options["TCP_USER_TIMEOUT"] = 2500;
  inputs.info = TcpInfo{.rto = seconds(1), .rttvar = milliseconds(250)};
  EXPECT_EQ(Nominal("tcp_user_timeout", inputs), milliseconds(2500));
  EXPECT_EQ(Nominal("tcp_syn_retries", inputs), milliseconds(2500));
}

TEST(SynFormula, NeedsNoTcpInfo) {
  FormulaInputs inputs = Inputs();
  inputs.info.reset();
  EXPECT_EQ(Nominal("tcp_syn_retries", inputs), seconds(131));
  EXPECT_EQ(Nominal("tcp_synack_retries", inputs), seconds(63));
}

TEST(SynFormula, HasNoLinearTimeoutsWhereTheSysctlIsMissing) {
  FormulaInputs inputs;
  inputs.sysctl = [](std::string_view name) -> std::optional<std::int64_t> {
    if (name == "net.ipv4.tcp_syn_retries") return 6;
    return std::nullopt;
  };
  EXPECT_EQ(Nominal("tcp_syn_retries", inputs), seconds(127));
}

TEST(SynFormula, TellsBothOfItsLimits) {
  FormulaInputs inputs = Inputs();
  inputs.options["TCP_SYNCNT"] = 2;
  EXPECT_EQ(Nominal("tcp_syn_retries", inputs), seconds(7));
  EXPECT_EQ(Explanation("tcp_syn_retries", inputs),
            "TCP_SYNCNT 2 with tcp_syn_linear_timeouts 4 ends SYN_SENT at the "
            "timeout after 6 retransmissions, or at the first one 7s after "
            "the first SYN, whichever is sooner; retransmissions are due at "
            "1s, 2s, 3s, 4s and 5s, the end at 7s");
}

TEST(KeepaliveFormula, TakesEachNumberFromOptionOrSysctl) {
  FormulaInputs inputs = Inputs();
  EXPECT_EQ(Nominal("tcp_keepalive", inputs), seconds(7200 + 9 * 75));
  inputs.options = {
      {"TCP_KEEPIDLE", 1}, {"TCP_KEEPINTVL", 1}, {"TCP_KEEPCNT", 3}};
  EXPECT_EQ(Nominal("tcp_keepalive", inputs), seconds(4));
  EXPECT_EQ(Explanation("tcp_keepalive", inputs),
            "TCP_KEEPIDLE 1s of silence, then a probe every TCP_KEEPINTVL 1s, "
            "given up when TCP_KEEPCNT 3 are unanswered; the end at 4s");
}

TEST(DelayedAckFormula, IsAtLeast40AndAtMost200Milliseconds) {
  FormulaInputs inputs = Inputs();
  EXPECT_EQ(Nominal("delayed_ack", inputs), microseconds(40'060));
  inputs.info->rtt = milliseconds(100);
  EXPECT_EQ(Nominal("delayed_ack", inputs), milliseconds(200));
  inputs.info->rtt = milliseconds(500);
  EXPECT_EQ(Nominal("delayed_ack", inputs), milliseconds(700));
}

TEST(Explanations, OfLongLaddersShowTheirFirstRungs) {
  EXPECT_THAT(Explanation("tcp_retries2", Inputs()),
              HasSubstr(" and so on, 16 in all, the end at "));
}

}  // namespace
}  // namespace finwait::tcp
