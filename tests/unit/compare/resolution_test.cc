#include "compare/resolution.h"

#include <gtest/gtest.h>

namespace finwait::compare {
namespace {

using namespace std::chrono_literals;

TEST(Rounded, KeepsMicrosecondsOfWhatIsShort) {
  EXPECT_EQ(Rounded(999'400ns), 999us);
  EXPECT_EQ(Rounded(50'432ns), 50us);
}

TEST(Rounded, KeepsTensOfMicrosecondsBelowATenthOfASecond) {
  EXPECT_EQ(Rounded(1'234'567ns), 1'230us);
  EXPECT_EQ(Rounded(99'996us), 100ms);
}

TEST(Rounded, KeepsMillisecondsOfWhatIsLong) {
  EXPECT_EQ(Rounded(61'439'953'152ns), 61'440ms);
  EXPECT_EQ(Rounded(61'439'953'024ns), 61'440ms);
}

TEST(Rounded, TreatsBothSidesOfZeroAlike) {
  EXPECT_EQ(Rounded(-1'234'567ns), -1'230us);
  EXPECT_EQ(Rounded(0ns), 0ns);
}

TEST(Rounded, ChangesNothingTheSecondTime) {
  for (const Duration duration : {999'500ns, 1'234'567ns, 99'995'001ns}) {
    EXPECT_EQ(Rounded(Rounded(duration)), Rounded(duration));
  }
}

}  // namespace
}  // namespace finwait::compare
