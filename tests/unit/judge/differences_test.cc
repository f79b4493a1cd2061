// Runs on kernels of which differences are declared.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/judge/scenario_builder.h"

namespace finwait::judge {
namespace {

using ::testing::SizeIs;

// TcpExtTW moves by 1; where the difference holds, not.
scenario::Scenario Counting() {
  scenario::Scenario scenario;
  scenario.counters = {{"client", "TcpExtTW", {1, 1}, {"a.toml", 5, 1}}};
  scenario.differences = {{.where = {.text = "kernel < 6.1"},
                           .reason = "counted at the end",
                           .source = "inet_timewait_sock.c",
                           .place = {"a.toml", 9, 1}}};
  scenario::Expectations otherwise = scenario;
  otherwise.counters[0].delta = {0, 0};
  scenario.expected_where = {scenario, otherwise};
  return scenario;
}

std::vector<Finding> Counted(std::int64_t delta, bool differs) {
  tcp::Timeline timeline;
  timeline.counters["client"]["TcpExtTW"] = delta;
  Environment environment = finwait::testing::DefaultEnvironment();
  if (differs) environment.differences = {0};
  return Judge(Counting(), timeline, environment);
}

TEST(Differences, HoldOnlyWhereTheyHold) {
  ASSERT_THAT(Counted(1, false), SizeIs(1));
  EXPECT_EQ(Counted(1, false)[0].verdict, Verdict::kPass);
  EXPECT_EQ(Counted(0, false)[0].verdict, Verdict::kFail);
}

TEST(Differences, ReplaceWhatIsExpected) {
  const auto findings = Counted(0, true);
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].verdict, Verdict::kPass);
  EXPECT_EQ(findings[1].verdict, Verdict::kPass);
  EXPECT_EQ(findings[1].subject, "declared difference where kernel < 6.1");
  EXPECT_EQ(findings[1].expected, "counted at the end (inet_timewait_sock.c)");
  EXPECT_EQ(findings[1].actual, "1 would not pass without it");
}

TEST(Differences, ThatDoNotShowAnyMoreFail) {
  const auto findings = Counted(1, true);
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].verdict, Verdict::kFail);
  EXPECT_EQ(findings[1].verdict, Verdict::kFail);
  EXPECT_EQ(findings[1].place.line, 9);
  EXPECT_EQ(findings[1].actual,
            "declared difference does not show any more: all passes without "
            "it");
}

TEST(Differences, ShowWhereNeitherIsFulfilled) {
  const auto findings = Counted(2, true);
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].verdict, Verdict::kFail);
  EXPECT_EQ(findings[1].verdict, Verdict::kPass);
}

}  // namespace
}  // namespace finwait::judge
