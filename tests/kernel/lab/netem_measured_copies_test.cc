// What netem does to single packets: copies, flipped bits, overtaking.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "kernel/lab/measured_netem.h"
#include "kernel/lab/netem_models.h"

namespace finwait::lab {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::SizeIs;

class MeasuredDuplicate : public MeasuredNetem {
 protected:
  // How many of the packets came never, once, twice...
  static std::map<int, int> ByCopies(const std::vector<Arrival>& arrivals) {
    std::vector<int> copies(kMany);
    for (const Arrival& arrival : arrivals) {
      ++copies.at(static_cast<std::size_t>(arrival.number));
    }
    std::map<int, int> packets;
    for (const int count : copies) ++packets[count];
    return packets;
  }
};

TEST_F(MeasuredDuplicate, IsAsLikelyAsItSays) {
  for (const double percent : {1.0, 10.0}) {
    const auto arrivals = Through(
        "duplicate = \"" + std::to_string(percent) + "%\"", kManyAtOnce);
    auto packets = ByCopies(arrivals);
    ExpectWithin(packets[2], Binomial(kMany, percent / 100), "twice");
    EXPECT_EQ(packets[1] + packets[2], kMany);
    EXPECT_THAT(arrivals, Each(Field(&Arrival::whole, true)));
  }
}

TEST_F(MeasuredDuplicate, OfEverythingGivesTwoOfEach) {
  const auto arrivals =
      Through("delay = \"10ms\"\nduplicate = \"100%\"", {.count = 4});
  EXPECT_THAT(Numbers(arrivals), ElementsAre(0, 0, 1, 1, 2, 2, 3, 3));
  ExpectDelays(arrivals, milliseconds(10));
}

TEST_F(MeasuredDuplicate, WithCorrelationIsRarerThanItSays) {
  const auto arrivals =
      Through("duplicate = { probability = \"30%\", correlation = \"50%\" }",
              kManyAtOnce);
  ExpectWithin(ByCopies(arrivals)[2],
               Simulate(Correlated(0.3, 0.5), kMany).times, "twice");
}

// A packet that is lost and duplicated at once comes once, and a copy may be
// lost on its own: with every packet doubled, a loss of half leaves a quarter
// of them twice and the rest once (Linux: net/sched/sch_netem.c
// netem_enqueue(), `count`).
TEST_F(MeasuredDuplicate, OutweighsALoss) {
  auto packets =
      ByCopies(Through("duplicate = \"100%\"\nloss = \"50%\"", kManyAtOnce));
  EXPECT_EQ(packets[0], 0);
  ExpectWithin(packets[2], Binomial(kMany, 0.25), "twice");
}

class MeasuredReorder : public MeasuredNetem {
 protected:
  static std::vector<bool> Overtook(const std::vector<Arrival>& arrivals) {
    std::vector<bool> overtook(arrivals.size());
    for (const Arrival& arrival : arrivals) {
      overtook.at(static_cast<std::size_t>(arrival.number)) =
          arrival.delay() < milliseconds(25);
    }
    return overtook;
  }
};

constexpr Sending kManyInTurn{
    .count = kMany, .burst = 50, .spacing = milliseconds(1)};
const char kDelayed[] = "delay = \"50ms\"\nlimit = 20000\n";

TEST_F(MeasuredReorder, LetsAsManyOvertakeAsItSays) {
  const auto arrivals =
      Through(std::string(kDelayed) + "reorder = \"25%\"", kManyInTurn);
  ASSERT_THAT(arrivals, SizeIs(kMany));
  ExpectWithin(Count(Overtook(arrivals)).times, Binomial(kMany, 0.25),
               "overtook");
}

TEST_F(MeasuredReorder, WithCorrelationIsRarerThanItSays) {
  const auto arrivals =
      Through(std::string(kDelayed) +
                  "reorder = { probability = \"30%\", correlation = \"50%\" }",
              kManyInTurn);
  ASSERT_THAT(arrivals, SizeIs(kMany));
  ExpectWithin(Count(Overtook(arrivals)).times,
               Simulate(Correlated(0.3, 0.5), kMany).times, "overtook");
}

// The order, in full: every third packet goes at once, the others later.
TEST_F(MeasuredReorder, WithAGapTakesEveryNth) {
  const auto arrivals = Through("delay = \"10ms\"\nreorder = \"100%\"\ngap = 3",
                                {.count = 9, .burst = 9});
  EXPECT_THAT(Numbers(arrivals), ElementsAre(2, 5, 8, 0, 1, 3, 4, 6, 7));
  std::vector<Arrival> first(arrivals.begin(), arrivals.begin() + 3);
  std::vector<Arrival> last(arrivals.begin() + 3, arrivals.end());
  ExpectDelays(first, Duration::zero());
  ExpectDelays(last, milliseconds(10));
}

// A gap of 5 with a chance of 25 %: the first four never, each one behind them
// with that chance, until one does. A turn takes 4 + 1 / 25 % packets.
TEST_F(MeasuredReorder, WithAGapAndAChanceWaitsForBoth) {
  const Trials model = [](Random& random) {
    auto counter = std::make_shared<int>(0);
    return [=, &random] {
      const bool now = *counter >= 4 && Chance(random) < 0.25;
      *counter = now ? 0 : *counter + 1;
      return now;
    };
  };
  const Expected expected = Simulate(model, kMany);
  EXPECT_NEAR(expected.rate, 1.0 / 8, 0.001);
  const auto arrivals = Through(
      std::string(kDelayed) + "reorder = \"25%\"\ngap = 5", kManyInTurn);
  ASSERT_THAT(arrivals, SizeIs(kMany));
  const Occurrences overtook = Count(Overtook(arrivals));
  ExpectWithin(overtook.times, expected.times, "overtook");
  EXPECT_EQ(overtook.pairs, 0);
}

}  // namespace
}  // namespace finwait::lab
