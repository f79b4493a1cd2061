// What of a sweep gets into its picture.
#include "report/sweep_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace finwait::report {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

SweepRow Row(const std::string& value, Duration length,
             const std::string& kernel = "uml-7.3") {
  SweepRow row;
  row.kernel = kernel;
  row.hz = 100;
  row.values = {{"tcp_fin_timeout", value}};
  row.host = "client";
  row.connection = "conn";
  row.state = tcp::TcpState::kFinWait2;
  row.length = {length, length, length, false};
  return row;
}

// The cliff: 60 seconds for 60, two for 61.
std::vector<SweepRow> Cliff(const std::string& kernel = "uml-7.3") {
  std::vector<SweepRow> rows;
  for (int n = 55; n <= 65; ++n) {
    const auto life = std::chrono::seconds(n <= 60 ? n : 2 * (n - 60));
    rows.push_back(Row(std::to_string(n), life, kernel));
  }
  return rows;
}

TEST(SweepChart, DrawsTheStayThatVariesMost) {
  auto rows = Cliff();
  for (int n = 55; n <= 65; ++n) {
    SweepRow other = Row(std::to_string(n), 1s);
    other.state = tcp::TcpState::kFinWait1;
    rows.push_back(other);
    other.state = tcp::TcpState::kCloseWait;  // varies more, but has no end
    other.length = {std::chrono::hours(n), {}, {}, true};
    rows.push_back(other);
  }
  EXPECT_EQ(SweepChart(rows, {}).panels.at(0).title,
            "client conn: FIN_WAIT2 lasts");
  SweepChartOptions options;
  options.state = tcp::TcpState::kFinWait1;
  EXPECT_EQ(SweepChart(rows, options).panels.at(0).title,
            "client conn: FIN_WAIT1 lasts");
  options.host = "server";
  EXPECT_THROW(SweepChart(rows, options), Error);
}

TEST(SweepChart, NamesBothSidesOfACliff) {
  const Chart chart = SweepChart(Cliff(), {});
  const auto& notes = chart.panels.at(0).notes;
  ASSERT_THAT(notes, SizeIs(2));
  EXPECT_EQ(notes[0].text, "tcp_fin_timeout 60: 60 s");
  EXPECT_TRUE(notes[0].to_the_left);
  EXPECT_EQ(notes[1].text, "tcp_fin_timeout 61: 2 s");
  EXPECT_THAT(chart.description, HasSubstr("tcp_fin_timeout 61: 2 s"));
}

TEST(SweepChart, NamesNoSideOfASlope) {
  std::vector<SweepRow> rows;
  for (int n = 1; n <= 10; ++n) {
    rows.push_back(Row(std::to_string(n), std::chrono::seconds(n)));
  }
  EXPECT_THAT(SweepChart(rows, {}).panels.at(0).notes, IsEmpty());
}

TEST(SweepChart, HasALineForEachKernelAndOtherValue) {
  auto rows = Cliff("debian-6.1");
  for (const SweepRow& row : Cliff("uml-7.3")) rows.push_back(row);
  for (SweepRow& row : rows) {
    row.case_name =
        "limit=1min, tcp_fin_timeout=" + row.values[0].second + ", tcp_sack=0";
  }
  const Chart chart = SweepChart(rows, {});
  EXPECT_THAT(chart.series,
              ElementsAre("debian-6.1 at 100 Hz, limit=1min, tcp_sack=0",
                          "uml-7.3 at 100 Hz, limit=1min, tcp_sack=0"));
  EXPECT_THAT(chart.panels.at(0).lines, SizeIs(2));
}

TEST(SweepChart, DrawsWhatTheValuePromises) {
  SweepChartOptions options;
  options.diagonal = "what the name promises";
  const Chart chart = SweepChart(Cliff(), options);
  const auto& line = chart.panels.at(0).reference;
  ASSERT_THAT(line, SizeIs(11));
  EXPECT_EQ(line.back().y, 65);
  EXPECT_EQ(chart.x_title, "tcp_fin_timeout (s)");
}

TEST(SweepChart, ReadsUnitsOrElseListsValues) {
  const Chart delays = SweepChart({Row("10ms", 50us), Row("20ms", 800us)}, {});
  EXPECT_EQ(delays.x_unit, "ms");
  EXPECT_EQ(delays.panels.at(0).unit, " us");
  EXPECT_EQ(delays.panels.at(0).lines.at(0).at(1).x, 20);
  const Chart names = SweepChart({Row("cubic", 1min), Row("reno", 4h)}, {});
  EXPECT_THAT(names.categories, ElementsAre("cubic", "reno"));
  EXPECT_EQ(names.panels.at(0).unit, " h");
}

TEST(SweepChart, ShowsLatenessWhereTheScenarioSaysWhatIsRight) {
  auto rows = Cliff();
  for (SweepRow& row : rows) {
    row.shortest = row.length.best - 1s;
    row.longest = row.length.best + 2s;
  }
  rows[3].longest = rows[3].length.best - 1ms;
  rows[4].verdict = judge::Verdict::kFail;  // for another reason
  const Chart chart = SweepChart(rows, {});
  ASSERT_THAT(chart.panels, SizeIs(2));
  EXPECT_EQ(chart.panels[1].title,
            "later than the kernel's formula, at 100 Hz");
  EXPECT_EQ(chart.panels[1].lines.at(0).at(0).y, 1);
  EXPECT_EQ(chart.panels[1].band_high.at(0).y, 3);
  EXPECT_TRUE(chart.panels[0].lines.at(0).at(3).wrong);
  EXPECT_FALSE(chart.panels[0].lines.at(0).at(4).wrong);
}

}  // namespace
}  // namespace finwait::report
