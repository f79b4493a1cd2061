// The counter files of procfs, and differences of them.
#include "observe/counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace finwait::observe {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Counters, TablesJoinPrefixAndName) {
  const Counters counters = ParseCounterTables(
      "Tcp: ActiveOpens MaxConn OutRsts\nTcp: 3 -1 0\n"
      "TcpExt: TW TWKilled\nTcpExt: 7 2\n");
  EXPECT_EQ(counters.at("TcpActiveOpens"), 3);
  EXPECT_EQ(counters.at("TcpMaxConn"), -1);
  EXPECT_EQ(counters.at("TcpExtTWKilled"), 2);
  EXPECT_EQ(counters.size(), 5U);
}

TEST(Counters, LinesAreNamesAndValues) {
  const Counters counters =
      ParseCounterLines("Ip6InReceives \t 12\nIp6InAddrErrors 0\n");
  EXPECT_EQ(counters.at("Ip6InReceives"), 12);
}

TEST(Counters, ADifferenceHoldsOnlyWhatMoved) {
  EXPECT_THAT(Difference({{"a", 1}, {"b", 2}}, {{"a", 4}, {"b", 2}, {"c", 5}}),
              ElementsAre(Pair("a", 3), Pair("c", 5)));
}

}  // namespace
}  // namespace finwait::observe
