#include "base/one_line.h"

#include <gtest/gtest.h>

namespace finwait {
namespace {

TEST(OnOneLine, SparesWhatIsPrintable) {
  EXPECT_EQ(OnOneLine("sleep 1; echo \"ü\" \\n"), "sleep 1; echo \"ü\" \\n");
}

TEST(OnOneLine, NamesControlCharacters) {
  EXPECT_EQ(OnOneLine("a\nb\r\tc\x1b[1m\x7f"), "a\\nb\\r\\tc\\x1b[1m\\x7f");
}

}  // namespace
}  // namespace finwait
