#include "tcp/sequence.h"

#include <gtest/gtest.h>

namespace finwait::tcp {
namespace {

TEST(After, ComparesInACircle) {
  EXPECT_TRUE(After(2, 1));
  EXPECT_FALSE(After(1, 2));
  EXPECT_FALSE(After(1, 1));
  EXPECT_TRUE(After(1, 0xffffffff));
  EXPECT_FALSE(After(0xffffffff, 1));
}

TEST(EndOf, CountsOctetsSynAndFin) {
  EXPECT_EQ(EndOf({.flags = kAck, .seq = 7}), 7U);
  EXPECT_EQ(EndOf({.flags = kSyn, .seq = 0xffffffff}), 0U);
  EXPECT_EQ(EndOf({.flags = kFin | kAck, .seq = 7, .length = 10}), 18U);
}

}  // namespace
}  // namespace finwait::tcp
