// Axes, and the picture's outer form; its beauty is for people to judge.
#include "report/chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/axis.h"
#include "report/svg.h"

namespace finwait::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Axis, BeginsAtZeroUnlessThatIsFar) {
  EXPECT_EQ(Axis(1, 130, 13, false).low(), 0);
  EXPECT_EQ(Axis(100, 130, 13, false).low(), 100);
  EXPECT_EQ(Axis(-130, -1, 13, false).high(), 0);
}

TEST(Axis, HasTicksThatAPersonWouldChoose) {
  EXPECT_THAT(Axis(1, 130, 7, false).ticks(),
              ElementsAre(0, 20, 40, 60, 80, 100, 120));
  EXPECT_THAT(Axis(0, 10, 2, false).ticks(), ElementsAre(0, 5, 10));
}

TEST(Axis, MakesRoomAndSurvivesASingleValue) {
  EXPECT_EQ(Axis(0, 100, 5, true).high(), 105);
  for (const double value : {-3.0, 0.0, 7.0}) {
    Axis axis(value, value, 5, false);
    axis.Place(0, 10);
    EXPECT_LT(axis.low(), axis.high());
    EXPECT_GE(axis.At(value), 0);
    EXPECT_LE(axis.At(value), 10);
  }
}

TEST(Axis, WritesNumbersShortly) {
  EXPECT_EQ(NumberText(-0.0), "0");
  EXPECT_EQ(NumberText(0.1 + 0.2), "0.3");
  EXPECT_EQ(NumberText(61.24, 3), "61.2");
}

TEST(Svg, EscapesText) {
  EXPECT_EQ(XmlText("a < b & \"c\"\n"), "a &lt; b &amp; &quot;c&quot; ");
}

Chart TwoLines() {
  ChartPanel panel{.title = "lasts", .unit = " s"};
  panel.lines = {{{1, 1}, {2, 2, true}}, {{1, 1}, {2, 2}}};
  panel.notes = {{{2, 2}, "two & more", true}};
  Chart chart{.title = "A <title>", .wrong = "fails", .panels = {panel}};
  chart.series = {"one", "two"};
  return chart;
}

TEST(Chart, IsAPictureWithItsWords) {
  const std::string svg = DrawChart(TwoLines());
  EXPECT_TRUE(
      svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" "
                      "viewBox=\"0 0 960 "));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("<title id=\"title\">A &lt;title&gt;</title>"));
  EXPECT_THAT(svg, HasSubstr(">two &amp; more</text>"));
  EXPECT_THAT(svg, HasSubstr(">fails</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
}

TEST(Chart, DrawsEqualLinesApart) {
  const std::string svg = DrawChart(TwoLines());
  const auto points = [&](const std::string& look) {
    // The first is the one in the legend.
    auto at = svg.find("<polyline class=\"series " + look + "\"");
    at = svg.find("<polyline class=\"series " + look + "\"", at + 1);
    return svg.substr(svg.find("points", at), 40);
  };
  EXPECT_NE(points("c0"), points("c1"));
}

TEST(Chart, WithoutAnyPointIsAnEmptyFrame) {
  Chart chart;
  chart.panels.emplace_back();
  EXPECT_THAT(DrawChart(chart), Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace finwait::report
