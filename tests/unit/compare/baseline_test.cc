// Baseline files: there and back, mistakes in them, and runs held against them.
#include "compare/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "compare/difference.h"
#include "unit/compare/behaviours.h"
#include "unit/timeline_builder.h"

namespace finwait::compare {
namespace {

using finwait::testing::AnyBehaviour;
using finwait::testing::TimelineBuilder;
using judge::Verdict;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;
using enum tcp::TcpState;

judge::Result RunWith(Duration fin_wait2) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Tuple("10.0.0.1", 40000, "10.0.0.2", 7000)
      .Enter(kSynSent, 1ms, "sent SYN")
      .Packet(1ms, true, tcp::kSyn)
      .Enter(kEstablished, 2ms, "received SYN|ACK")
      .Enter(kFinWait1, 10ms, "sent FIN")
      .Packet(10ms, true, tcp::kFin | tcp::kAck)
      .Enter(kFinWait2, 50ms, "received ACK of FIN")
      .Look(51ms, 0, tcp::TimerKind::kTimewait)
      .Enter(kClosed, 50ms + fin_wait2, "timewait timer");
  judge::Result result;
  result.scenario.title = "An orphan";
  result.scenario.file = "there/orphan.toml";
  result.environment = finwait::testing::DefaultEnvironment();
  result.timeline = run.EndAt(100s).Build();
  return result;
}

Baseline Recorded(const judge::Result& result) {
  const Baseline made{"", result.scenario.title, {Distill(result)}};
  ParsedBaseline parsed = ParseBaseline(ToToml(made), "orphan.baseline");
  EXPECT_THAT(parsed.diagnostics, IsEmpty());
  return parsed.baseline;
}

TEST(Baseline, ComesBackAsItWent) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    const Baseline made{"", "any \"title\"", {AnyBehaviour(seed).Make()}};
    const std::string text = ToToml(made);
    const ParsedBaseline parsed = ParseBaseline(text, "any.baseline");
    ASSERT_THAT(parsed.diagnostics, IsEmpty())
        << ToString(parsed.diagnostics.front()) << "\n"
        << text;
    ASSERT_EQ(ToToml(parsed.baseline), text) << "seed " << seed;
  }
}

TEST(Baseline, HasALineForEachStay) {
  const judge::Result run = RunWith(5s);
  EXPECT_THAT(
      ToToml({"", "An orphan", {Distill(run)}}),
      HasSubstr("\n  { state = \"FIN_WAIT2\", cause = \"received ACK of "
                "FIN\", lasted = \"5s\", timers = 1, orphan = true, "
                "kinds = [\"timewait\"] },\n"));
}

// One that was made before machines told is judged as it was then.
TEST(Baseline, WithoutItsMachinesLatenessGetsTheUsualOne) {
  judge::Result run = RunWith(5s);
  run.environment.virtual_time = false;
  run.timeline.sources.push_back(
      {.name = "timer tracepoints", .late_timer = 38ms, .late_tick = 20ms});
  std::string text = ToToml({"", "An orphan", {Distill(run)}});
  const std::string late = "late_timer = \"38ms\"\nlate_tick = \"20ms\"\n";
  ASSERT_THAT(text, HasSubstr(late));
  text.erase(text.find(late), late.size());
  const ParsedBaseline parsed = ParseBaseline(text, "a.baseline");
  ASSERT_THAT(parsed.diagnostics, IsEmpty());
  EXPECT_EQ(parsed.baseline.cases.at(0).late.timer, judge::kLateSoftirq);
  EXPECT_EQ(parsed.baseline.cases.at(0).late.tick, Duration::zero());
}

TEST(Baseline, OfAnotherFormatIsRefusedWithARemedy) {
  const auto parsed = ParseBaseline("format = 9\ncases = 3\n", "a.baseline");
  ASSERT_THAT(parsed.diagnostics, SizeIs(1));
  EXPECT_EQ(
      ToString(parsed.diagnostics[0]),
      "a.baseline:1:10: format 9 is not known to this finwait: it knows " +
          std::to_string(kBaselineFormat) +
          ": record it again, with finwait record --force");
}

TEST(Baseline, ThatIsDamagedSaysWhere) {
  std::string text = ToToml({"", "An orphan", {Distill(RunWith(5s))}});
  text.replace(text.find("\"5s\""), 4, "5");
  const auto parsed = ParseBaseline(text, "a.baseline");
  ASSERT_THAT(parsed.diagnostics, SizeIs(1));
  EXPECT_THAT(ToString(parsed.diagnostics[0]), HasSubstr("without a unit"));
  EXPECT_FALSE(ParseBaseline("format = ", "a").diagnostics.empty());
  EXPECT_THROW(ReadBaseline("/nowhere/a.baseline"), Error);
}

TEST(Deviations, AreNoneInARunLikeIt) {
  const auto findings = Deviations(Recorded(RunWith(5s)), RunWith(5100ms));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::kPass);
}

TEST(Deviations, NameThePlaceOfTheFact) {
  const Baseline baseline = Recorded(RunWith(5s));
  const auto findings = Deviations(baseline, RunWith(60s));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::kFail);
  EXPECT_EQ(findings[0].subject, "client conn: FIN_WAIT2");
  EXPECT_EQ(findings[0].expected, "as recorded: lasted 5s");
  EXPECT_EQ(findings[0].actual, "lasted 60s");
  EXPECT_EQ(findings[0].place.line,
            baseline.cases[0].endpoints[0].stays[3].line);
  EXPECT_GT(findings[0].place.line, 1);
  EXPECT_EQ(findings[0].around, finwait::testing::At(50ms + 60s));
}

TEST(Deviations, ReportACaseThatWasNotRecorded) {
  judge::Result other = RunWith(5s);
  other.scenario.case_name = "x=1";
  const auto findings = Deviations(Recorded(RunWith(5s)), other);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::kFail);
  EXPECT_THAT(findings[0].actual, HasSubstr("finwait record --force"));
}

TEST(Deviations, OfAnIncompleteRunAreNotKnown) {
  judge::Result incomplete = RunWith(5s);
  incomplete.timeline.endpoints[0].hole = "lost events";
  const auto findings = Deviations(Recorded(RunWith(5s)), incomplete);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::kBroken);
}

}  // namespace
}  // namespace finwait::compare
