// Frames are kept in order, by interface, and not without end.
#include "observe/frame_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace finwait::observe {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::array<std::uint8_t, 64> kBytes = {1, 2, 3};

RawFrame FrameAt(int nanoseconds) {
  return {.at = TimePoint(Duration(nanoseconds)),
          .sent = nanoseconds % 2 == 0,
          .length = 1000,
          .bytes = kBytes};
}

TEST(FrameStore, HandsOverFramesInTheOrderOfTime) {
  FrameStore store;
  store.Announce("client:eth0");
  store.Announce("server:eth0");
  store.Keep("server:eth0", FrameAt(7));
  store.Keep("client:lo", FrameAt(4));
  EXPECT_THAT(store.interfaces(),
              ElementsAre("client:eth0", "server:eth0", "client:lo"));
  const auto frames = store.Take();
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_EQ(frames[0].at, TimePoint(Duration(4)));
  EXPECT_EQ(frames[0].interface, 2U);
  EXPECT_TRUE(frames[0].sent);
  EXPECT_EQ(frames[0].length, 1000U);
  EXPECT_THAT(frames[0].bytes, SizeIs(kBytes.size()));
  EXPECT_EQ(frames[1].interface, 1U);
}

TEST(FrameStore, CountsWhatFindsNoRoom) {
  FrameStore store(2 * (sizeof(tcp::Frame) + kBytes.size()));
  for (int at = 0; at < 5; ++at) store.Keep("client:eth0", FrameAt(at));
  EXPECT_EQ(store.Record().events, 2U);
  EXPECT_EQ(store.Record().lost, 3U);
  EXPECT_THAT(store.Record().detail, HasSubstr("are not kept"));
  EXPECT_THAT(store.Take(), SizeIs(2));
}

TEST(FrameStore, SaysNothingOfLossesWithoutAny) {
  FrameStore store;
  store.Keep("client:eth0", FrameAt(1));
  EXPECT_EQ(store.Record().lost, 0U);
  EXPECT_THAT(store.Record().detail, IsEmpty());
}

}  // namespace
}  // namespace finwait::observe
