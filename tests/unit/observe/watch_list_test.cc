#include "observe/watch_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace finwait::observe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TimePoint At(int seconds) { return TimePoint(std::chrono::seconds(seconds)); }

// Of the appointments that are due, with whom.
std::vector<std::size_t> Due(WatchList& list, TimePoint now) {
  std::vector<std::size_t> endpoints;
  for (const auto& appointment : list.TakeDue(now)) {
    endpoints.push_back(appointment.endpoint);
  }
  return endpoints;
}

TEST(WatchList, HandsOutWhatIsDueInOrder) {
  WatchList list;
  list.Schedule(1, At(3));
  list.Schedule(2, At(1));
  list.Schedule(3, At(5));
  EXPECT_EQ(list.NextDue(), At(1));
  EXPECT_THAT(Due(list, At(3)), ElementsAre(2, 1));
  EXPECT_THAT(Due(list, At(4)), IsEmpty());
  EXPECT_EQ(list.size(), 1U);
}

TEST(WatchList, TheEarlierAppointmentWins) {
  WatchList list;
  list.Schedule(1, At(3));
  list.Schedule(1, At(5));
  EXPECT_EQ(list.NextDue(), At(3));
  list.Schedule(1, At(2));
  EXPECT_THAT(Due(list, At(10)), ElementsAre(1));
  EXPECT_EQ(list.NextDue(), std::nullopt);
}

TEST(WatchList, TellsSinceWhenAnEndpointWaits) {
  WatchList list;
  list.Schedule(1, At(3));
  const auto due = list.TakeDue(At(7));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].due, At(3));
}

}  // namespace
}  // namespace finwait::observe
