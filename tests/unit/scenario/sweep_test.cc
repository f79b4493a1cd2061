// Ranges on the command line.
#include "scenario/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace finwait::scenario {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

// The values of a single range.
std::vector<std::string> Values(const std::string& values) {
  Mistakes mistakes;
  std::vector<std::string> all;
  for (const Overrides& point :
       SweepPoints({"x=" + values}, "--over", mistakes)) {
    all.push_back(point.at(0).second);
  }
  for (const auto& d : mistakes.Sorted()) ADD_FAILURE() << ToString(d);
  return all;
}

// What is said of ranges that are wrong.
std::string Mistake(const std::vector<std::string>& ranges) {
  Mistakes mistakes;
  EXPECT_THAT(SweepPoints(ranges, "--over", mistakes), IsEmpty());
  const auto found = mistakes.Sorted();
  EXPECT_THAT(found, SizeIs(1));
  return found.empty() ? "" : ToString(found[0]);
}

TEST(Sweep, CountsFromOneBoundToTheOther) {
  EXPECT_THAT(Values("1..4"), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(Values("-1..1"), ElementsAre("-1", "0", "1"));
  EXPECT_THAT(Values("7..7"), ElementsAre("7"));
  EXPECT_THAT(Values("1..130"), SizeIs(130));
}

TEST(Sweep, TakesStepsThatMayMissTheEnd) {
  EXPECT_THAT(Values("1..12..5"), ElementsAre("1", "6", "11"));
  EXPECT_THAT(Values("10ms..30ms..10ms"), ElementsAre("10ms", "20ms", "30ms"));
}

TEST(Sweep, CountsFractionsExactly) {
  EXPECT_THAT(Values("0%..0.3%..0.1%"),
              ElementsAre("0%", "0.1%", "0.2%", "0.3%"));
}

TEST(Sweep, MultipliesByAFactor) {
  EXPECT_THAT(Values("1..1000*10"), ElementsAre("1", "10", "100", "1000"));
  EXPECT_THAT(Values("1ms..9ms*2"), ElementsAre("1ms", "2ms", "4ms", "8ms"));
  EXPECT_THAT(Values("999999999999..999999999999*9"),
              ElementsAre("999999999999"));
}

TEST(Sweep, JoinsWhatCommasSeparate) {
  EXPECT_THAT(Values("1,5..7,60,61"),
              ElementsAre("1", "5", "6", "7", "60", "61"));
  EXPECT_THAT(Values("cubic,reno"), ElementsAre("cubic", "reno"));
}

TEST(Sweep, MultipliesSeveralRangesOut) {
  Mistakes mistakes;
  const auto points = SweepPoints({"a=1..2", "b=x,y"}, "--over", mistakes);
  ASSERT_THAT(points, SizeIs(4));
  EXPECT_THAT(points[0], ElementsAre(Pair("a", "1"), Pair("b", "x")));
  EXPECT_THAT(points[1], ElementsAre(Pair("a", "1"), Pair("b", "y")));
  EXPECT_THAT(points[3], ElementsAre(Pair("a", "2"), Pair("b", "y")));
}

TEST(Sweep, SaysWhatIsWrongWithARange) {
  EXPECT_THAT(Mistake({"x"}), HasSubstr("--over x: not a name and a value"));
  EXPECT_THAT(Mistake({"x="}), HasSubstr("write NAME=VALUE"));
  EXPECT_THAT(Mistake({"x=1,,2"}), HasSubstr("a value is missing"));
  EXPECT_THAT(Mistake({"x=1...3"}), HasSubstr("'.3' is no number"));
  EXPECT_THAT(Mistake({"x=1..b"}), HasSubstr("'b' is no number"));
  EXPECT_THAT(Mistake({"x=1..9..2..3"}), HasSubstr("too many parts"));
  EXPECT_THAT(Mistake({"x=9..1"}), HasSubstr("ends before it begins"));
  EXPECT_THAT(Mistake({"x=1..9ms"}), HasSubstr("differ in their units"));
  EXPECT_THAT(Mistake({"x=1ms..9ms..2"}), HasSubstr("the step of"));
  EXPECT_THAT(Mistake({"x=1..9..0"}), HasSubstr("the step of"));
  EXPECT_THAT(Mistake({"x=0..9*2"}), HasSubstr("does not grow"));
  EXPECT_THAT(Mistake({"x=1..9*1"}), HasSubstr("does not grow"));
  EXPECT_THAT(Mistake({"x=1..99999999"}), HasSubstr("more than 10000 cases"));
  EXPECT_THAT(Mistake({"x=1..200", "y=1..200"}),
              HasSubstr("together more than 10000"));
  EXPECT_THAT(Mistake({"x=1", "x=2"}), HasSubstr("'x' is given twice"));
}

}  // namespace
}  // namespace finwait::scenario
