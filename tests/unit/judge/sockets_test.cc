// Numbers of sockets over time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/population.h"
#include "unit/judge/scenario_builder.h"

namespace finwait::judge {
namespace {

using finwait::testing::AtLeast;
using finwait::testing::AtMost;
using finwait::testing::For;
using finwait::testing::TimelineBuilder;
using scenario::CountBound;
using scenario::SocketsExpectation;
using ::testing::HasSubstr;
using namespace std::chrono_literals;
using enum tcp::TcpState;

constexpr int kMany = 1000;

// A thousand orphans that close one after the other, a millisecond apart, and
// live for 5 s.
tcp::Timeline Pile(Duration blur = 100us) {
  TimelineBuilder run;
  for (int i = 0; i < kMany; ++i) {
    Duration begin = 1s + i * 1ms;
    run.Endpoint("client", "each#" + std::to_string(i + 1))
        .Enter(kEstablished, 500ms)
        .Enter(kFinWait2, begin, "", blur)
        .Enter(kClosed, begin + 5s, "", blur);
  }
  return run.Build();
}

std::vector<Finding> JudgeSockets(SocketsExpectation expected,
                                  const tcp::Timeline& timeline) {
  scenario::Scenario scenario;
  expected.host = "client";
  expected.state = kFinWait2;
  scenario.sockets.push_back(std::move(expected));
  return Judge(scenario, timeline, finwait::testing::DefaultEnvironment());
}

Finding One(SocketsExpectation expected, const tcp::Timeline& timeline) {
  return JudgeSockets(std::move(expected), timeline).at(0);
}

TEST(Sockets, PeakIsTheMostAtTheSameTime) {
  Finding finding = One({.peak = CountBound{1000, 1000}}, Pile());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.subject, "client sockets: FIN_WAIT2");
  EXPECT_EQ(finding.expected, "peak 1000");
  EXPECT_THAT(finding.actual, HasSubstr("1000 at 1.99"));
  EXPECT_EQ(One({.peak = CountBound{0, 999}}, Pile()).verdict, Verdict::kFail);
}

TEST(Sockets, PeakThatNobodyKnowsIsBroken) {
  TimelineBuilder run;
  run.Endpoint("client", "a")
      .Enter(kFinWait2, 1s)
      .Enter(kClosed, 2s, "", 100ms);
  run.Endpoint("client", "b").Enter(kFinWait2, 2s).Enter(kClosed, 3s);
  Finding finding = One({.peak = CountBound{1, 1}}, run.Build());
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_EQ(finding.actual, "1 to 2 at 2s: too imprecise");
  EXPECT_EQ(One({.peak = CountBound{1, 2}}, run.Build()).verdict,
            Verdict::kPass);
  EXPECT_EQ(One({.peak = CountBound{3, 3}}, run.Build()).verdict,
            Verdict::kFail);
}

TEST(Sockets, AtTheEnd) {
  EXPECT_EQ(One({.at_end = CountBound{0, 0}}, Pile()).verdict, Verdict::kPass);
  TimelineBuilder run;
  run.Endpoint("client", "a").Enter(kFinWait2, 1s);
  Finding finding = One({.at_end = CountBound{0, 0}}, run.Build());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "1 when the run ended");
}

TEST(Sockets, OverTime) {
  SocketsExpectation expected;
  expected.moments = {
      {2s, {1000, 1000}, {}}, {5500ms, {400, 600}, {}}, {6100ms, {0, 0}, {}}};
  for (const Finding& finding : JudgeSockets(expected, Pile())) {
    EXPECT_EQ(finding.verdict, Verdict::kPass) << finding.actual;
  }
  expected.moments = {{5500ms, {0, 10}, {}}};
  Finding finding = One(expected, Pile());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.expected, "at most 10 5.5s after the first");
  expected.moments = {{5500ms, {499, 499}, {}}};
  EXPECT_EQ(One(expected, Pile(3ms)).verdict, Verdict::kBroken);
  expected.moments = {{20s, {0, 0}, {}}};
  EXPECT_THAT(One(expected, Pile()).actual, HasSubstr("the run ended"));
}

TEST(Sockets, LastFromTheFirstToTheLast) {
  Finding finding = One({.lasts = AtLeast(For(5s))}, Pile());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.actual,
            "lasted 5.999s (5.9988s to 5.9992s) from the first to the last");
  EXPECT_EQ(One({.lasts = AtMost(For(5s))}, Pile()).verdict, Verdict::kFail);
}

TEST(Sockets, MayBeAsLateAsTheMachineWas) {
  TimelineBuilder run;
  run.Endpoint("client", "a").Enter(kFinWait2, 1s).Enter(kClosed, 6290ms);
  scenario::Scenario scenario;
  scenario.sockets.push_back({.host = "client",
                              .state = kFinWait2,
                              .lasts = finwait::testing::Timer(For(5s))});
  Environment real = finwait::testing::DefaultEnvironment();
  real.virtual_time = false;
  const auto verdict = [&] {
    return Judge(scenario, run.Build(), real).at(0).verdict;
  };
  EXPECT_EQ(verdict(), Verdict::kFail);
  run.Raw().sources.push_back({.name = "any", .late_timer = 38ms});
  EXPECT_EQ(verdict(), Verdict::kPass);
}

TEST(Sockets, OfNoneAreZero) {
  tcp::Timeline empty = TimelineBuilder().Build();
  EXPECT_EQ(One({.peak = CountBound{0, 0}}, empty).verdict, Verdict::kPass);
  EXPECT_EQ(One({.peak = CountBound{1, 1}}, empty).verdict, Verdict::kFail);
  EXPECT_EQ(One({.lasts = AtLeast(For(1s))}, empty).verdict, Verdict::kFail);
}

TEST(Sockets, OfOneName) {
  SocketsExpectation each{.connection = "each", .peak = CountBound{1000, 1000}};
  EXPECT_EQ(One(each, Pile()).verdict, Verdict::kPass);
  EXPECT_EQ(
      One({.connection = "other", .peak = CountBound{0, 0}}, Pile()).verdict,
      Verdict::kPass);
}

// Half closed at 1 s, closed at 3 s, which a look at 3.5 s sees first.
TEST(Sockets, BecomeOrphansWithinAState) {
  TimelineBuilder run;
  run.Endpoint("client", "a")
      .Enter(kFinWait2, 1s)
      .Look(1s, 77)
      .Look(3s, 77)
      .Look(3500ms, 0)
      .Enter(kClosed, 8s);
  SocketsExpectation expected{.orphan = true};
  expected.lasts = finwait::testing::Between(For(4400ms), For(5100ms));
  Finding finding = One(expected, run.Build());
  EXPECT_EQ(finding.subject, "client sockets: orphaned FIN_WAIT2");
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.actual,
            "lasted 4.5s (4.5s to 5s) from the first to the last");
}

TEST(Sockets, NobodyLookedAtMayBeOrphans) {
  Finding finding =
      One({.orphan = true, .peak = CountBound{1000, 1000}}, Pile());
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_THAT(finding.actual, HasSubstr("0 to 1000"));
}

TEST(Sockets, NotObservedCompletelyAreInDoubt) {
  tcp::Timeline timeline = Pile();
  timeline.endpoints[7].hole = "events were lost";
  timeline.sources.push_back({.name = "sockops", .events = 3000, .lost = 12});
  Finding finding = One({.peak = CountBound{1000, 1000}}, timeline);
  EXPECT_EQ(finding.verdict, Verdict::kBroken);
  EXPECT_THAT(finding.actual, HasSubstr("999 to 1000"));
  EXPECT_THAT(finding.actual,
              HasSubstr("1 of them were not observed completely; sockops lost "
                        "12 of 3012 events"));
  EXPECT_EQ(One({.peak = CountBound{900, 1000}}, timeline).verdict,
            Verdict::kPass);
}

}  // namespace
}  // namespace finwait::judge
