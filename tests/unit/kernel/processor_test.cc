#include "kernel/processor.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <thread>
#include <vector>

namespace finwait::kernel {
namespace {

TEST(Processor, IsSharedByAsFewGuestsAsCanBe) {
  const unsigned all = std::thread::hardware_concurrency();
  std::vector<std::unique_ptr<Processor>> guests;
  std::map<int, unsigned> count;
  for (unsigned n = 0; n < 3 * all; ++n) {
    guests.push_back(std::make_unique<Processor>());
    ++count[guests.back()->number()];
  }
  EXPECT_EQ(count.size(), all);
  for (const auto& [processor, has] : count) {
    EXPECT_GE(processor, 0);
    EXPECT_EQ(has, 3U) << processor;
  }
}

TEST(Processor, IsFreeAgainAfterwards) {
  std::vector<std::unique_ptr<Processor>> others;
  auto one = std::make_unique<Processor>();
  const int number = one->number();
  for (unsigned n = 1; n < std::thread::hardware_concurrency(); ++n) {
    others.push_back(std::make_unique<Processor>());
  }
  one.reset();
  EXPECT_EQ(Processor().number(), number);
}

}  // namespace
}  // namespace finwait::kernel
