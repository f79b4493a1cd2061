// Results of a sweep as rows.
#include "report/sweep_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/timeline_builder.h"

namespace finwait::report {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using tcp::TcpState;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// An orphan's FIN_WAIT2 of 5.1 s, allowed to last from 5 s on.
judge::Result Orphan() {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(TcpState::kSynSent, 0ms, "connect()")
      .Enter(TcpState::kEstablished, 1ms, "received SYN|ACK")
      .Enter(TcpState::kFinWait2, 2ms, "received ACK of FIN")
      .Look(3ms, 0)
      .Enter(TcpState::kClosed, 5102ms, "timewait timer", 1ms);
  run.Endpoint("server", "conn").Enter(TcpState::kSynRecv, 1ms);
  run.EndAt(6s);
  judge::Result result;
  result.timeline = run.Build();
  result.environment.hz = 250;
  result.environment.kernel = "6.12.1";
  result.scenario.case_name = "tcp_fin_timeout=5";
  scenario::EndpointExpectation expected{.host = "client",
                                         .connection = "conn"};
  scenario::StateExpectation state;
  state.state = TcpState::kFinWait2;
  state.lasts = {.kind = scenario::Lasts::Kind::kTimer,
                 .span = {.duration = 5s, .formula = {}},
                 .upper = {}};
  expected.states = {state};
  result.scenario.endpoints = {expected};
  return result;
}

const scenario::Overrides kFive = {{"tcp_fin_timeout", "5"}};

TEST(SweepTable, HasARowForEachStay) {
  const auto rows = SweepRows(Orphan(), "debian-6.12", kFive);
  ASSERT_THAT(rows, SizeIs(4));
  const SweepRow& row = rows[2];
  EXPECT_EQ(row.kernel, "debian-6.12");
  EXPECT_EQ(row.release, "6.12.1");
  EXPECT_EQ(row.host, "client");
  EXPECT_EQ(row.state, TcpState::kFinWait2);
  EXPECT_EQ(row.length.best, 5100ms);
  EXPECT_EQ(row.shortest, 5s);
  // One slot of the wheel's third level and a jiffy (docs/time-and-tolerance).
  EXPECT_EQ(row.longest, 5260ms);
  EXPECT_EQ(row.orphan, true);
  EXPECT_EQ(row.ended_by, "timewait timer");
  EXPECT_EQ(row.next, TcpState::kClosed);
  EXPECT_TRUE(rows[3].length.open);
  EXPECT_EQ(rows[3].next, std::nullopt);
}

TEST(SweepTable, IsCommaSeparated) {
  const std::string csv = SweepCsv(SweepRows(Orphan(), "", kFive));
  EXPECT_THAT(csv,
              HasSubstr("kernel,release,hz,tcp_fin_timeout,case,host,"
                        "connection,state,occurrence,seconds,seconds_min,"
                        "seconds_max,allowed_min,allowed_max,orphan,ended_by,"
                        "next,verdict,reason\r\nhost,6.12.1,250,5,"));
  EXPECT_THAT(csv, HasSubstr("client,conn,FIN_WAIT2,1,5.100000,5.099000,"
                             "5.101000,5.000000,5.260000,true,timewait timer,"
                             "CLOSED,pass,\r\n"));
  // Not known to have ended: no upper bound.
  EXPECT_THAT(csv, HasSubstr("server,conn,SYN_RECV,1,5.999000,5.999000,,,,,,,"
                             "pass,\r\n"));
}

TEST(SweepTable, QuotesWhatHoldsSeparators) {
  judge::Result broken;
  broken.verdict = judge::Verdict::kBroken;
  broken.reason = "the guest said \"no\", twice";
  const auto rows = SweepRows(broken, "uml-7.3", {{"x", "1"}});
  ASSERT_THAT(rows, SizeIs(1));
  const std::string csv = SweepCsv(rows);
  EXPECT_THAT(csv, HasSubstr("uml-7.3,,250,1,,,,,,,,,,,,,,broken,"
                             "\"the guest said \"\"no\"\", twice\"\r\n"));
}

TEST(SweepTable, OfNothingIsEmpty) { EXPECT_EQ(SweepCsv({}), ""); }

}  // namespace
}  // namespace finwait::report
