// How fast netem lets packets out, how many it holds, and in what bunches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "kernel/lab/measured_netem.h"

namespace finwait::lab {
namespace {

using ::testing::ElementsAreArray;
using ::testing::SizeIs;

// Each packet's arrival against when it has to come, counted from the first
// send: as ExpectDelays.
void ExpectTimes(const std::vector<Arrival>& arrivals,
                 const std::function<Duration(int)>& time) {
  ASSERT_FALSE(arrivals.empty());
  std::vector<Duration> late;
  for (const Arrival& arrival : arrivals) {
    const Duration want = time(arrival.number);
    late.push_back(arrival.at - arrivals.front().sent - want);
    EXPECT_GE(late.back(), TimeIsVirtual() ? Duration() : -want / 1000)
        << arrival.number;
  }
  std::sort(late.begin(), late.end());
  EXPECT_LE(TimeIsVirtual() ? late.back() : late[late.size() / 2], Late());
}

class MeasuredRate : public MeasuredNetem {};

// 1000 bytes with Ethernet's header at 1 Mbit/s: 8 ms each.
TEST_F(MeasuredRate, SpacesABurst) {
  const auto arrivals =
      Through("rate = \"1mbit\"", {.count = 100, .burst = 100, .frame = 1000});
  ASSERT_THAT(arrivals, SizeIs(100));
  ExpectTimes(arrivals, [](int i) { return milliseconds(8) * (i + 1); });
}

TEST_F(MeasuredRate, CountsTheFramesLength) {
  const auto arrivals =
      Through("rate = \"1mbit\"", {.count = 50, .burst = 50, .frame = 250});
  ASSERT_THAT(arrivals, SizeIs(50));
  ExpectTimes(arrivals, [](int i) { return milliseconds(2) * (i + 1); });
}

TEST_F(MeasuredRate, AddsTheOverheadOfEachPacket) {
  for (const auto& [overhead, each] :
       {std::pair("24", 8 * 1024), std::pair("\"24B\"", 8 * 1024),
        std::pair("-14", 8 * 986)}) {
    const auto arrivals =
        Through(std::string("rate = \"1mbit\"\npacket_overhead = ") + overhead,
                {.count = 50, .burst = 50, .frame = 1000});
    ASSERT_THAT(arrivals, SizeIs(50));
    const Duration one = microseconds(each);
    ExpectTimes(arrivals, [one](int i) { return one * (i + 1); });
  }
}

// Whole bytes per second: 9600 bit/s are 1200.
TEST_F(MeasuredRate, MayBeAsSlowAsAModem) {
  const auto arrivals =
      Through("rate = \"9600bit\"", {.count = 3, .burst = 3, .frame = 60});
  ASSERT_THAT(arrivals, SizeIs(3));
  ExpectTimes(arrivals, [](int i) { return milliseconds(50) * (i + 1); });
}

// 80 Gbit/s take more than 32 bits of bytes per second.
TEST_F(MeasuredRate, MayBeFasterThanFourGigabytes) {
  const auto arrivals =
      Through("rate = \"80gbit\"", {.count = 50, .burst = 50, .frame = 1000});
  ASSERT_THAT(arrivals, SizeIs(50));
  ExpectTimes(arrivals, [](int i) { return Duration(100) * (i + 1); });
}

// As on a line: delay of the way, and the time of each packet's bytes.
TEST_F(MeasuredRate, AddsToADelayOnce) {
  const auto arrivals = Through("rate = \"1mbit\"\ndelay = \"50ms\"",
                                {.count = 50, .burst = 50, .frame = 1000});
  ASSERT_THAT(arrivals, SizeIs(50));
  ExpectTimes(arrivals, [](int i) {
    return milliseconds(50) + milliseconds(8) * (i + 1);
  });
}

// A line that is not busy delays by the packet's own bytes alone.
TEST_F(MeasuredRate, HoldsNothingBackThatComesSlower) {
  const auto arrivals =
      Through("rate = \"1mbit\"",
              {.count = 20, .spacing = milliseconds(20), .frame = 1000});
  ExpectDelays(arrivals, milliseconds(8));
}

class MeasuredLimit : public MeasuredNetem {};

TEST_F(MeasuredLimit, LosesWhatDoesNotFit) {
  Build("\"dual-stack\"");
  Impair("client:eth0", "delay = \"100ms\"\nlimit = 10");
  Flow flow = Between("client", "server");
  std::vector<int> first(10);
  std::iota(first.begin(), first.end(), 0);
  for (int round = 0; round < 2; ++round) {
    const auto arrivals = flow.SendAndCollect({.count = 50, .burst = 50});
    EXPECT_THAT(Numbers(arrivals), ElementsAreArray(first));
  }
}

TEST_F(MeasuredLimit, IsAThousandUnlessSaid) {
  Build("\"dual-stack\"");
  Impair("client:eth0", "delay = \"500ms\"");
  Flow flow = Between("client", "server");
  flow.Send({.count = 1500, .burst = 50});
  EXPECT_THAT(flow.Collect(seconds(1)), SizeIs(1000));
}

class MeasuredSlot : public MeasuredNetem {
 protected:
  // The times, from the first send, at which packets came, and how many.
  struct Bunch {
    Duration at{};
    int packets = 0;
    int first = 0;
  };

  std::vector<Bunch> Bunches(const std::string& slot, int count,
                             int frame = 100) {
    const auto arrivals =
        Through("slot = { " + slot + " }",
                {.count = count, .burst = count, .frame = frame});
    EXPECT_THAT(arrivals, SizeIs(count));
    std::vector<Bunch> bunches;
    for (const Arrival& arrival : arrivals) {
      const Duration at = arrival.at - arrivals.front().sent;
      if (bunches.empty() || at - bunches.back().at > milliseconds(2)) {
        bunches.push_back({at, 0, arrival.number});
      }
      ++bunches.back().packets;
    }
    return bunches;
  }
};

TEST_F(MeasuredSlot, DeliversPacketsInBunches) {
  const auto bunches =
      Bunches("min = \"100ms\", max = \"100ms\", packets = 5", 20);
  ASSERT_THAT(bunches, SizeIs(4));
  for (std::size_t i = 0; i < bunches.size(); ++i) {
    EXPECT_EQ(bunches[i].packets, 5);
    const Duration want = milliseconds(100) * static_cast<int>(i + 1);
    EXPECT_GE(bunches[i].at, want - want / 1000);
    EXPECT_LE(bunches[i].at, want + Late());
  }
}

// A slot is over with the packet that reaches its bytes.
TEST_F(MeasuredSlot, EndsWithItsBytes) {
  const auto bunches =
      Bunches("min = \"50ms\", max = \"50ms\", bytes = \"3kB\"", 12, 1000);
  ASSERT_THAT(bunches, SizeIs(4));
  for (const Bunch& bunch : bunches) EXPECT_EQ(bunch.packets, 3);
}

TEST_F(MeasuredSlot, ComesAfterARandomTime) {
  const auto bunches =
      Bunches("min = \"10ms\", max = \"30ms\", packets = 1", 200);
  ASSERT_THAT(bunches, SizeIs(200));
  std::vector<double> gaps;  // in ms
  for (std::size_t i = 1; i < bunches.size(); ++i) {
    gaps.push_back(Milliseconds(bunches[i].at - bunches[i - 1].at));
  }
  const auto quantile = [](double p) { return 10 + 20 * p; };
  EXPECT_LE(FarthestFrom(quantile, gaps), FarthestByChance(gaps.size()) + 0.05);
  if (!TimeIsVirtual()) return;  // one late slot makes the next gap short
  const double late = Milliseconds(Late());
  EXPECT_GE(*std::min_element(gaps.begin(), gaps.end()), 10 - late);
  EXPECT_LE(*std::max_element(gaps.begin(), gaps.end()), 30 + late);
}

// Without a limit all that wait go at the next slot.
TEST_F(MeasuredSlot, WithoutALimitTakesAll) {
  const auto bunches = Bunches("min = \"50ms\"", 100);
  ASSERT_THAT(bunches, SizeIs(1));
  EXPECT_GE(bunches[0].at, milliseconds(50) - microseconds(50));
  EXPECT_LE(bunches[0].at, milliseconds(50) + Late());
}

}  // namespace
}  // namespace finwait::lab
