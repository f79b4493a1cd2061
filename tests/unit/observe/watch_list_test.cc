#include "observe/watch_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace finwait::observe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TimePoint At(int seconds) { return TimePoint(std::chrono::seconds(seconds)); }

TEST(WatchList, HandsOutWhatIsDueInOrder) {
  WatchList list;
  list.Schedule(1, At(3));
  list.Schedule(2, At(1));
  list.Schedule(3, At(5));
  EXPECT_EQ(list.NextDue(), At(1));
  EXPECT_THAT(list.TakeDue(At(3)), ElementsAre(2, 1));
  EXPECT_THAT(list.TakeDue(At(4)), IsEmpty());
  EXPECT_EQ(list.size(), 1U);
}

TEST(WatchList, TheEarlierAppointmentWins) {
  WatchList list;
  list.Schedule(1, At(3));
  list.Schedule(1, At(5));
  EXPECT_EQ(list.NextDue(), At(3));
  list.Schedule(1, At(2));
  EXPECT_THAT(list.TakeDue(At(10)), ElementsAre(1));
  EXPECT_EQ(list.NextDue(), std::nullopt);
}

}  // namespace
}  // namespace finwait::observe
