// Holds the generator and the rules of the matrix against what they promise:
// nothing is left out without a reason, and no reason takes everything.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "matrix/combination.h"
#include "matrix/rules.h"
#include "matrix/script.h"

namespace finwait::matrix {
namespace {

constexpr std::size_t kAll = 6ul * 2 * 2 * 4 * 4 * 3 * 4;

TEST(Combinations, AreAllThereIsOnce) {
  std::set<std::string> names;
  for (const Combination& c : AllCombinations()) {
    names.insert(StageOf(c) + " " + NameOf(c));
  }
  EXPECT_EQ(AllCombinations().size(), kAll);
  EXPECT_EQ(names.size(), kAll);
}

TEST(Combinations, ArePlayedOrExcludedForAReason) {
  for (const Combination& c : AllCombinations()) {
    if (const auto reason = ReasonToExclude(c)) {
      EXPECT_FALSE(reason->empty());
      EXPECT_THROW(FateOf(c), std::invalid_argument);
    } else {
      EXPECT_FALSE(FateOf(c).path.empty()) << StageOf(c) << NameOf(c);
    }
  }
}

TEST(Combinations, NoReasonTakesMoreThanASixth) {
  std::map<std::string_view, std::size_t> taken;
  for (const Combination& c : AllCombinations()) {
    if (const auto reason = ReasonToExclude(c)) ++taken[*reason];
  }
  EXPECT_EQ(taken.size(), 2);
  for (const auto& [reason, count] : taken) EXPECT_LE(count, kAll / 6);
}

// Each value of each axis is played.
TEST(Combinations, NoReasonTakesAWholeValue) {
  std::map<std::string, int> played;
  for (const Combination& c : AllCombinations()) {
    if (ReasonToExclude(c)) continue;
    ++played["state " + std::to_string(static_cast<int>(c.state))];
    ++played["opener " + std::to_string(static_cast<int>(c.opener))];
    ++played["first " + std::to_string(static_cast<int>(c.first))];
    ++played["peer " + std::to_string(static_cast<int>(c.peer))];
    ++played["act " + std::to_string(static_cast<int>(c.act))];
    ++played["linger " + std::to_string(static_cast<int>(c.linger))];
    ++played["linger2 " + std::to_string(static_cast<int>(c.linger2))];
  }
  EXPECT_EQ(played.size(), 6u + 2 + 2 + 4 + 4 + 3 + 4);
}

TEST(Rules, ALingeringCloseFindsFinWait2AndResetsByItself) {
  Combination c{.linger2 = Linger2::kNegative};
  EXPECT_EQ(FateOf(c).counters.count("TcpExtTCPAbortOnData"), 1);
  c.linger = Linger::kTwoSeconds;
  EXPECT_EQ(FateOf(c).counters.count("TcpExtTCPAbortOnLinger"), 1);
  c.act = Act::kExit;
  EXPECT_EQ(FateOf(c).counters.count("TcpExtTCPAbortOnData"), 1);
}

TEST(Rules, AnAbortInLastAckTellsNobody) {
  const Fate fate = FateOf({.state = State::kLastAck,
                            .first = Side::kPeer,
                            .linger = Linger::kZero});
  EXPECT_EQ(fate.ends, "silently");
  EXPECT_EQ(fate.counters.count("TcpOutRsts"), 0);
  EXPECT_EQ(fate.counters.count("TcpExtTCPAbortOnData"), 1);
}

TEST(Rules, ARepeatedFinIsAcknowledgedAgainInTimeWait) {
  Combination c{.state = State::kTimeWait, .peer = Peer::kIsSilent};
  EXPECT_EQ(FateOf(c).acks_in_time_wait, 1);
  c.peer = Peer::kAnswers;
  EXPECT_EQ(FateOf(c).acks_in_time_wait, 2);
  c.first = Side::kPeer;
  EXPECT_EQ(FateOf(c).acks_in_time_wait, 1);
}

TEST(Rules, OnlyWhatEndsIsClosed) {
  for (const Combination& c : AllCombinations()) {
    if (ReasonToExclude(c)) continue;
    const Fate fate = FateOf(c);
    EXPECT_EQ(fate.Ends(), fate.path.back().state == "CLOSED");
    EXPECT_EQ(fate.send_fails.empty(), !KeepsSocket(c));
  }
}

TEST(Script, SumsTheCountersOfItsConnections) {
  const Combination reset{.state = State::kCloseWait,
                          .first = Side::kPeer,
                          .act = Act::kKill,
                          .linger = Linger::kZero};
  const std::string text = ScenarioFor({reset, reset});
  EXPECT_NE(text.find("TcpOutRsts = 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("TcpEstabResets = 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("TcpExtTCPAbortOnTimeout = 0\n"), std::string::npos);
}

}  // namespace
}  // namespace finwait::matrix
