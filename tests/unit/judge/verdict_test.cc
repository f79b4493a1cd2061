// Verdicts add up to the most severe one.
#include "judge/verdict.h"

#include <gtest/gtest.h>

namespace finwait::judge {
namespace {

TEST(Verdict, SumIsTheMoreSevere) {
  EXPECT_EQ(Merge(Verdict::kPass, Verdict::kUnsupported),
            Verdict::kUnsupported);
  EXPECT_EQ(Merge(Verdict::kBroken, Verdict::kUnsupported), Verdict::kBroken);
  EXPECT_EQ(Merge(Verdict::kBroken, Verdict::kFail), Verdict::kFail);
  EXPECT_EQ(Merge(Verdict::kPass, Verdict::kPass), Verdict::kPass);
}

TEST(Verdict, ExitCodesAreTheOnesCTestKnows) {
  EXPECT_EQ(ExitCode(Verdict::kPass), 0);
  EXPECT_EQ(ExitCode(Verdict::kFail), 1);
  EXPECT_EQ(ExitCode(Verdict::kBroken), 3);
  EXPECT_EQ(ExitCode(Verdict::kUnsupported), 77);
}

TEST(Verdict, Names) {
  EXPECT_EQ(Name(Verdict::kPass), "pass");
  EXPECT_EQ(Name(Verdict::kUnsupported), "unsupported");
  EXPECT_EQ(Name(Verdict::kBroken), "broken");
  EXPECT_EQ(Name(Verdict::kFail), "fail");
}

}  // namespace
}  // namespace finwait::judge
