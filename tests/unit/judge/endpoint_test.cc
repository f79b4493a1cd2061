// Paths, owners, timers, TCP_INFO, and what becomes of holes and absences.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/judge/scenario_builder.h"

namespace finwait::judge {
namespace {

using finwait::testing::DefaultEnvironment;
using finwait::testing::EndpointBuilder;
using finwait::testing::For;
using finwait::testing::JudgeAll;
using finwait::testing::JudgeOne;
using finwait::testing::OnClient;
using finwait::testing::OnState;
using finwait::testing::TimelineBuilder;
using finwait::testing::Timer;
using tcp::TimerKind;
using ::testing::HasSubstr;
using namespace std::chrono_literals;
using enum tcp::TcpState;

// An orphan of 5 s as an observer sees it.
EndpointBuilder& AddOrphan(TimelineBuilder& run,
                           const std::string& name = "conn",
                           Duration length = 5100ms) {
  tcp::TcpInfo info;
  info.rto = 204ms;
  info.rtt = 60us;
  info.total_retrans = 2;
  return run.Endpoint("client", name)
      .Enter(kSynSent, 0s, "sent SYN")
      .Enter(kEstablished, 1ms, "received SYN|ACK")
      .Look(1ms, 77)
      .Info(info)
      .Enter(kFinWait1, 2ms, "sent FIN")
      .Enter(kFinWait2, 3ms, "received ACK of FIN")
      .Look(4ms, 0, TimerKind::kTimewait, 4999ms)
      .Look(5s, 0, TimerKind::kTimewait, 0s)
      .Enter(kClosed, 3ms + length, "timewait timer");
}

tcp::Timeline Orphan() {
  TimelineBuilder run;
  AddOrphan(run);
  return run.Build();
}

scenario::EndpointExpectation WithPath(std::vector<tcp::TcpState> path) {
  auto expected = OnClient();
  expected.path = std::move(path);
  return expected;
}

TEST(Path, BeginsAfterTheNothingBeforeIt) {
  Finding finding = JudgeOne(
      WithPath({kSynSent, kEstablished, kFinWait1, kFinWait2, kClosed}),
      Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.actual,
            "SYN_SENT > ESTABLISHED > FIN_WAIT1 > FIN_WAIT2 > CLOSED");
}

TEST(Path, OfAChildBeginsWithSynRecv) {
  TimelineBuilder run;
  auto& child = run.Endpoint("client", "conn")
                    .Enter(kListen, -1s)
                    .Enter(kSynRecv, 0s)
                    .Enter(kEstablished, 1ms);
  tcp::Timeline timeline = run.Build();
  timeline.endpoints[0].transitions.erase(
      timeline.endpoints[0].transitions.begin());
  EXPECT_EQ(child.endpoint().transitions.size(), 3U);
  EXPECT_EQ(JudgeOne(WithPath({kSynRecv, kEstablished}), timeline).verdict,
            Verdict::kPass);
}

TEST(Path, ShowsTheFirstDifferenceOnBothSides) {
  Finding finding = JudgeOne(
      WithPath({kSynSent, kEstablished, kFinWait1, kTimeWait, kClosed}),
      Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.expected,
            "SYN_SENT > ESTABLISHED > FIN_WAIT1 > [TIME_WAIT] > CLOSED");
  EXPECT_EQ(finding.actual,
            "SYN_SENT > ESTABLISHED > FIN_WAIT1 > [FIN_WAIT2] > CLOSED");
  EXPECT_EQ(finding.around, finwait::testing::At(3ms));
}

TEST(Path, ThatEndsEarlyOrLateIsDifferent) {
  Finding finding = JudgeOne(
      WithPath({kSynSent, kEstablished, kFinWait1, kFinWait2}), Orphan());
  EXPECT_EQ(finding.expected,
            "SYN_SENT > ESTABLISHED > FIN_WAIT1 > FIN_WAIT2 > [nothing]");
  EXPECT_EQ(finding.verdict, Verdict::kFail);
}

TEST(Never, NamesTheStateAndWhen) {
  auto expected = OnClient();
  expected.never = {kTimeWait, kClosing};
  EXPECT_EQ(JudgeOne(expected, Orphan()).verdict, Verdict::kPass);
  expected.never = {kTimeWait, kFinWait2};
  Finding finding = JudgeOne(expected, Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.expected, "never in TIME_WAIT or FIN_WAIT2");
  EXPECT_EQ(finding.actual, "entered FIN_WAIT2 at 3ms");
}

// --- owners and timers -----------------------------------------------------

scenario::EndpointExpectation Orphaned(tcp::TcpState state, bool orphan) {
  auto expected = OnClient();
  expected.states.push_back({.state = state, .orphan = orphan});
  return expected;
}

TEST(Ownership, IsThatOfEveryLook) {
  EXPECT_EQ(JudgeOne(Orphaned(kFinWait2, true), Orphan()).actual,
            "orphan on 2 looks");
  EXPECT_EQ(JudgeOne(Orphaned(kEstablished, false), Orphan()).verdict,
            Verdict::kPass);
  Finding finding = JudgeOne(Orphaned(kEstablished, true), Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "owned (inode 77) at 1ms");
}

TEST(Ownership, NobodyLookedIsBroken) {
  EXPECT_EQ(JudgeOne(Orphaned(kFinWait1, true), Orphan()).verdict,
            Verdict::kBroken);
}

TEST(TimerOf, FirstLookCounts) {
  auto expected = OnClient();
  expected.states.push_back(
      {.state = kFinWait2, .timer = TimerKind::kTimewait});
  EXPECT_EQ(JudgeOne(expected, Orphan()).verdict, Verdict::kPass);
  expected.states[0].timer = TimerKind::kKeepalive;
  Finding finding = JudgeOne(expected, Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "timer timewait at 4ms");
}

TEST(TimerLeft, IsReckonedBackToTheArming) {
  auto expected = OnClient();
  expected.states.push_back({.state = kFinWait2, .timer_left = Timer(For(5s))});
  Finding finding = JudgeOne(expected, Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  EXPECT_EQ(finding.margin, 4ms);
  EXPECT_EQ(finding.actual, "armed with 5s: 4.999s left at 4ms");
}

TEST(TimerLeft, IsExactToTheJiffy) {
  auto expected = OnClient();
  expected.states.push_back(
      {.state = kFinWait2, .timer_left = Timer(For(5005ms))});
  EXPECT_EQ(JudgeOne(expected, Orphan()).verdict, Verdict::kFail);
  expected.states[0].timer_left = Timer(For(5004ms));
  EXPECT_EQ(JudgeOne(expected, Orphan()).verdict, Verdict::kPass);
}

TEST(TimerLeft, AllowsForALateTickInRealTime) {
  auto expected = OnClient();
  expected.states.push_back({.state = kFinWait2});
  Environment environment = DefaultEnvironment();
  environment.virtual_time = false;
  const auto verdict = [&](Duration armed) {
    expected.states[0].timer_left = Timer(For(armed));
    return JudgeOne(expected, Orphan(), environment).verdict;
  };
  EXPECT_EQ(verdict(5005ms), Verdict::kPass);
  EXPECT_EQ(verdict(5006ms), Verdict::kFail);
  EXPECT_EQ(verdict(4995ms), Verdict::kFail);
}

TEST(TimerLeft, AllowsForTheMachinesLatestTick) {
  auto expected = OnClient();
  expected.states.push_back({.state = kFinWait2});
  Environment environment = DefaultEnvironment();
  environment.virtual_time = false;
  tcp::Timeline run = Orphan();
  run.sources.push_back({.name = "timer tracepoints", .late_tick = 30ms});
  const auto verdict = [&](Duration armed) {
    expected.states[0].timer_left = Timer(For(armed));
    return JudgeOne(expected, run, environment).verdict;
  };
  EXPECT_EQ(verdict(5034ms), Verdict::kPass);
  EXPECT_EQ(verdict(5035ms), Verdict::kFail);
  EXPECT_EQ(verdict(4995ms), Verdict::kFail);
}

// Nor exacter than the moment of arming is known.
TEST(TimerLeft, IsAsExactAsTheBeginOfTheState) {
  const auto left = [](Duration blur) {
    TimelineBuilder run;
    run.Endpoint("client", "conn")
        .Enter(kFinWait2, 1s, "received ACK of FIN", blur)
        .Look(1s + blur, 0, TimerKind::kTimewait, 4996ms);
    auto expected = OnClient();
    expected.states.push_back(
        {.state = kFinWait2, .timer_left = Timer(For(5s))});
    return JudgeOne(expected, run.EndAt(2s).Build()).verdict;
  };
  EXPECT_EQ(left(100us), Verdict::kPass);
  EXPECT_EQ(left(10ms), Verdict::kBroken);
}

TEST(SeveralThingsOfAState, AreSeveralFindings) {
  auto expected = OnState(kFinWait2, Timer(For(5s)));
  expected.states[0].orphan = true;
  expected.states[0].timer = TimerKind::kTimewait;
  EXPECT_EQ(JudgeAll(expected, Orphan()).size(), 3U);
}

// --- TCP_INFO --------------------------------------------------------------

scenario::EndpointExpectation WithInfo(std::string field,
                                       scenario::CountBound value) {
  auto expected = OnClient();
  expected.info.push_back({std::move(field), value, {}});
  return expected;
}

TEST(Info, IsThatOfTheLastFullSocket) {
  EXPECT_EQ(JudgeOne(WithInfo("total_retrans", {2, 2}), Orphan()).verdict,
            Verdict::kPass);
  Finding finding = JudgeOne(WithInfo("total_retrans", {0, 0}), Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "2 at 1ms");
}

TEST(Info, DurationsAreMicroseconds) {
  EXPECT_EQ(JudgeOne(WithInfo("rto", {204000, 204000}), Orphan()).verdict,
            Verdict::kPass);
}

TEST(Info, OfAStateIsThatOfItsLastLook) {
  auto expected = OnClient();
  expected.states.push_back(
      {.state = kEstablished, .info = {{"rto", {0, 100000}, {}}}});
  Finding finding = JudgeOne(expected, Orphan());
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.expected, "info rto at most 100ms");
  EXPECT_EQ(finding.actual, "204ms at 1ms");
  expected.states[0].state = kFinWait2;  // a minisock has none
  EXPECT_EQ(JudgeOne(expected, Orphan()).verdict, Verdict::kBroken);
}

TEST(Shutdown, IsThatOfEveryLookAtTheFullSocket) {
  auto expected = OnClient();
  expected.states.push_back({.state = kEstablished, .shutdown = 2});
  EXPECT_EQ(JudgeOne(expected, Orphan()).verdict, Verdict::kBroken);
  tcp::Timeline timeline = Orphan();
  timeline.endpoints[0].samples[0].facts->shutdown = 2;
  EXPECT_EQ(JudgeOne(expected, timeline).actual,
            "shut down for sending on 1 look");
  expected.states[0].shutdown = 3;
  Finding finding = JudgeOne(expected, timeline);
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.actual, "shut down for sending at 1ms");
}

TEST(Info, UnreadFieldIsUnsupported) {
  EXPECT_EQ(JudgeOne(WithInfo("advmss", {0, 1}), Orphan()).verdict,
            Verdict::kUnsupported);
}

// --- what is not there -----------------------------------------------------

TEST(Endpoint, NeverSeenFails) {
  TimelineBuilder run;
  auto findings = JudgeAll(OnState(kFinWait2, Timer(For(5s))), run.Build());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].verdict, Verdict::kFail);
  EXPECT_EQ(findings[0].actual, "never seen");
}

TEST(Endpoint, HoleBreaksWhatWouldPassAndWhatWouldFail) {
  TimelineBuilder run;
  AddOrphan(run).Hole("states between ESTABLISHED and TIME_WAIT");
  auto expected = OnState(kFinWait2, Timer(For(5s)));
  expected.never = {kFinWait2};
  for (const Finding& finding : JudgeAll(expected, run.Build())) {
    EXPECT_EQ(finding.verdict, Verdict::kBroken);
    EXPECT_EQ(finding.margin, std::nullopt);
    EXPECT_THAT(finding.actual, HasSubstr("between ESTABLISHED and"));
  }
}

// --- many alike ------------------------------------------------------------

std::vector<Finding> JudgeWeb(TimelineBuilder& run, int except = 0) {
  scenario::Scenario scenario;
  scenario.connections.push_back({.name = "conn", .every = true});
  scenario.endpoints.push_back(OnState(kFinWait2, Timer(For(5s))));
  scenario.endpoints.back().except = except;
  return Judge(scenario, run.Build(), DefaultEnvironment());
}

TEST(Every, PassesWithTheLeastMargin) {
  TimelineBuilder run;
  AddOrphan(run, "conn#1", 5100ms);
  AddOrphan(run, "conn#2", 5250ms);
  AddOrphan(run, "conn#3", 5130ms);
  auto findings = JudgeWeb(run);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].verdict, Verdict::kPass);
  EXPECT_EQ(findings[0].margin, 10ms);
  EXPECT_EQ(findings[0].connection, "conn#2");
  EXPECT_THAT(findings[0].actual, HasSubstr("of 3 connections"));
}

TEST(Every, FailsWithTheFirstFailureAndTheNumberOfOthers) {
  TimelineBuilder run;
  AddOrphan(run, "conn#1", 5100ms);
  AddOrphan(run, "conn#2", 7s);
  AddOrphan(run, "conn#3", 8s);
  auto findings = JudgeWeb(run);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].verdict, Verdict::kFail);
  EXPECT_EQ(findings[0].actual,
            "lasted 7s: 1.74s too long, and 1 more of the 3 conn");
}

TEST(Every, MayAllowSomeToDeviateAndSaysSo) {
  TimelineBuilder run;
  AddOrphan(run, "conn#1", 5100ms);
  AddOrphan(run, "conn#2", 7s);
  AddOrphan(run, "conn#3", 8s);
  auto allowed = JudgeWeb(run, 2).at(0);
  EXPECT_EQ(allowed.verdict, Verdict::kPass);
  EXPECT_THAT(allowed.actual, HasSubstr("2 of 3 deviate, 2 may"));
  EXPECT_EQ(JudgeWeb(run, 1).at(0).verdict, Verdict::kFail);
}

// What is not known may be a deviation, or not.
TEST(Every, CountsTheUnknownAmongThoseThatMayDeviate) {
  TimelineBuilder run;
  AddOrphan(run, "conn#1", 5100ms);
  AddOrphan(run, "conn#2", 7s);
  AddOrphan(run, "conn#3").Hole("a state is missing");
  auto allowed = JudgeWeb(run, 2).at(0);
  EXPECT_EQ(allowed.verdict, Verdict::kPass);
  EXPECT_THAT(allowed.actual,
              HasSubstr("2 of 3 deviate or are not known, 2 may: lasted 7s"));
  auto unknown = JudgeWeb(run, 1).at(0);
  EXPECT_EQ(unknown.verdict, Verdict::kBroken);
  EXPECT_EQ(unknown.connection, "conn#3");
  EXPECT_EQ(JudgeWeb(run, 0).at(0).verdict, Verdict::kFail);
}

TEST(Every, DoesNotTakeNamesThatOnlyBeginAlike) {
  TimelineBuilder run;
  AddOrphan(run, "conn#1", 5100ms);
  AddOrphan(run, "connection", 9s);
  EXPECT_EQ(JudgeWeb(run).at(0).verdict, Verdict::kPass);
}

TEST(NotEvery, TakesTheExactNameOnly) {
  TimelineBuilder run;
  AddOrphan(run, "conn#1");
  EXPECT_EQ(JudgeOne(OnState(kFinWait2, Timer(For(5s))), run.Build()).actual,
            "never seen");
}

}  // namespace
}  // namespace finwait::judge
