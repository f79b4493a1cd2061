// Two runs as a person reads them, to the letter.
#include "compare/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/timeline_builder.h"

namespace finwait::compare {
namespace {

using finwait::testing::TimelineBuilder;
using judge::Verdict;
using ::testing::HasSubstr;
using namespace std::chrono_literals;
using enum tcp::TcpState;

judge::Result RunWith(Duration fin_wait2) {
  TimelineBuilder run;
  run.Step(1, "client", "client: close(conn)", 10ms, 11ms, "conn");
  run.Endpoint("client", "conn")
      .Enter(kFinWait1, 10500us, "sent FIN")
      .Enter(kFinWait2, 50ms, "received ACK of FIN")
      .Enter(kClosed, 50ms + fin_wait2, "timewait timer");
  judge::Result result;
  result.scenario.file = "orphan.toml";
  result.scenario.case_name = "tcp_fin_timeout=61";
  result.environment = finwait::testing::DefaultEnvironment();
  result.timeline = run.EndAt(100s).Build();
  return result;
}

std::string Told(const judge::Result& on_a, const judge::Result& on_b) {
  const Party a{"host", on_a};
  const Party b{"uml", on_b};
  return Text(CompareRuns(a, b), a, b, {});
}

TEST(Comparison, OfTheSameIsOneLine) {
  EXPECT_EQ(Told(RunWith(2s), RunWith(2s)),
            "SAME  orphan.toml [tcp_fin_timeout=61]\n");
}

TEST(Comparison, MarksTheDifferenceInTwoColumns) {
  const std::string told = Told(RunWith(2s), RunWith(61200ms));
  EXPECT_THAT(told, HasSubstr("DIFFERS  orphan.toml [tcp_fin_timeout=61]  1 "
                              "difference\n"
                              "  client conn: FIN_WAIT2\n"
                              "      A  lasted 2s\n"
                              "      B  lasted 61.2s\n"));
  EXPECT_THAT(told, HasSubstr("\n       10ms  · client: close(conn)"));
  EXPECT_THAT(told, HasSubstr("\n≠      50ms  client FIN_WAIT2 for 2s"));
  EXPECT_THAT(told, HasSubstr(" │      50ms  client FIN_WAIT2 for 61.2s"));
}

TEST(Comparison, PutsWhatOnlyOneHasInALineOfItsOwn) {
  judge::Result other = RunWith(2s);
  other.timeline.endpoints[0].transitions.pop_back();
  const std::string told = Told(RunWith(2s), other);
  EXPECT_THAT(told, HasSubstr("\n≠     2.05s  client CLOSED: timewait timer"));
}

TEST(Comparison, IsUnknownIfOneRunIs) {
  judge::Result unsupported = RunWith(2s);
  unsupported.verdict = Verdict::kUnsupported;
  unsupported.reason = "sch_netem";
  const judge::Result known = RunWith(2s);
  const Comparison comparison = CompareRuns({"a", known}, {"b", unsupported});
  EXPECT_EQ(comparison.verdict, Verdict::kUnsupported);
  EXPECT_EQ(comparison.reason, "on b: sch_netem");
}

}  // namespace
}  // namespace finwait::compare
