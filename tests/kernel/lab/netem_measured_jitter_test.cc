// How netem spreads delays: every distribution against its own formula, over
// 10,000 packets each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "kernel/lab/measured_netem.h"

namespace finwait::lab {
namespace {

using ::testing::SizeIs;

constexpr double kDelayMs = 100;
constexpr double kJitterMs = 20;

// What a mean may be late by: a burst of 50 takes as long to send.
double LateMs() {
  if (CpuIsInstant()) return 0.01;
  return TimeIsVirtual() ? 1 : 5;
}

double NormalQuantile(double p) {
  double low = -10;
  double high = 10;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    const bool below = std::erfc(-middle / std::sqrt(2.0)) / 2 < p;
    (below ? low : high) = middle;
  }
  return low;
}

// Shape 3, at least 1: mean 1.5, variance 0.75.
double ParetoQuantile(double p) {
  return (std::pow(1 - p, -1.0 / 3) - 1.5) / std::sqrt(0.75);
}

// A distribution by its quantiles, in jitters around the delay.
struct Shape {
  std::string name;
  std::function<double(double)> quantile;

  // In milliseconds; four jitters are all that netem's table can say.
  double Quantile(double p) const {
    return kDelayMs + kJitterMs * std::min(quantile(p), 4.0);
  }

  // Of the values at 4096 steps: the table.
  Moments moments() const {
    std::vector<double> values;
    for (int i = 0; i < 4096; ++i) values.push_back(Quantile((i + 0.5) / 4096));
    return Moments(values);
  }
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

class MeasuredJitter : public MeasuredNetem {
 protected:
  // The delays in milliseconds in the order of sending.
  std::vector<double> Delays(const std::string& words) {
    const auto arrivals =
        Through("delay = \"100ms\"\njitter = \"20ms\"\nlimit = 20000\n" + words,
                {.count = kMany, .burst = 50});
    EXPECT_THAT(arrivals, SizeIs(kMany));
    std::vector<double> delays(kMany);
    for (const Arrival& arrival : arrivals) {
      delays.at(static_cast<std::size_t>(arrival.number)) =
          Milliseconds(arrival.delay());
    }
    return delays;
  }
};

class MeasuredDistribution : public MeasuredJitter,
                             public ::testing::WithParamInterface<Shape> {};

INSTANTIATE_TEST_SUITE_P(
    Is, MeasuredDistribution,
    ::testing::Values(Shape{"uniform", [](double p) { return 2 * p - 1; }},
                      Shape{"normal", NormalQuantile},
                      Shape{"pareto", ParetoQuantile},
                      Shape{"paretonormal",
                            [](double p) {
                              return 0.75 * ParetoQuantile(p) +
                                     0.25 * NormalQuantile(p);
                            }}),
    [](const auto& shape) { return shape.param.name; });

TEST_P(MeasuredDistribution, HasItsShapeMeanDeviationAndBounds) {
  const Shape& shape = GetParam();
  const auto delays = Delays("distribution = \"" + shape.name + "\"");
  const Moments want = shape.moments();
  const Moments got(delays);
  const Interval mean = want.MeanOf(kMany);
  ExpectWithin(got.mean, {mean.from, mean.to + LateMs()}, "mean");
  ExpectWithin(got.deviation, want.DeviationOf(kMany), "standard deviation");
  const auto [least, most] = std::minmax_element(delays.begin(), delays.end());
  EXPECT_GE(*least, shape.Quantile(0.5 / 4096) - 0.1);
  EXPECT_LE(*most,
            shape.Quantile(1 - 0.5 / 4096) + 0.01 + Milliseconds(Late()));
  if (TimeIsVirtual()) {  // in real time late by too much of a jitter
    const auto quantile = [&shape](double p) { return shape.Quantile(p); };
    EXPECT_LE(FarthestFrom(quantile, delays),
              FarthestByChance(kMany) + LateMs() / kJitterMs);
  }
  RecordProperty("mean_ms", std::to_string(got.mean));
  RecordProperty("deviation_ms", std::to_string(got.deviation));
  RecordProperty("least_ms", std::to_string(*least));
  RecordProperty("most_ms", std::to_string(*most));
}

// tc-netem(8) says that each delay depends on the last one. The kernel does mix
// the last random number into the next, but then indexes the table by the
// remainder of a division (Linux: net/sched/sch_netem.c tabledist(),
// `rnd % dist->size`), that is by the lowest bits, which know nothing of it.
TEST_F(MeasuredJitter, IsNotCorrelatedWhateverIsAsked) {
  for (const char* correlation : {"0%", "50%", "90%"}) {
    const auto delays =
        Delays(std::string("correlation = \"") + correlation + '"');
    EXPECT_LE(std::abs(Autocorrelation(delays)),
              kSigmas / std::sqrt(static_cast<double>(kMany)))
        << correlation;
    EXPECT_NEAR(Moments(delays).mean, kDelayMs, 1 + LateMs()) << correlation;
  }
}

// A distribution goes when another one comes, the uniform one, too.
TEST_F(MeasuredJitter, MayChangeItsDistribution) {
  Build("\"dual-stack\"");
  Flow flow = Between("client", "server");
  const auto farthest = [&](const std::string& distribution) {
    Impair("client:eth0",
           "delay = \"100ms\"\njitter = \"20ms\"\ndistribution = \"" +
               distribution + '"');
    Duration most{};
    for (const Arrival& arrival :
         flow.SendAndCollect({.count = 1000, .burst = 10})) {
      most = std::max(most, arrival.delay());
    }
    return most;
  };
  // By chance none of 1000 is beyond one deviation: 0.84^1000 = 1e-76.
  EXPECT_GT(farthest("normal"), milliseconds(125));
  EXPECT_LT(farthest("uniform"), milliseconds(120) + Late());
}

// Each packet leaves when its own time has come, so jitter changes the order.
TEST_F(MeasuredJitter, ChangesTheOrder) {
  const auto arrivals =
      Through("delay = \"100ms\"\njitter = \"20ms\"", {.count = 100});
  const auto numbers = Numbers(arrivals);
  EXPECT_THAT(numbers, SizeIs(100));
  EXPECT_FALSE(std::is_sorted(numbers.begin(), numbers.end()));
}

// And with a rate it does not: no packet starts before the one in front of it
// is through.
TEST_F(MeasuredJitter, KeepsTheOrderWithARate) {
  const auto arrivals = Through(
      "delay = \"100ms\"\njitter = \"20ms\"\nrate = \"1gbit\"", {.count = 100});
  const auto numbers = Numbers(arrivals);
  EXPECT_THAT(numbers, SizeIs(100));
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
}

// A delay below nothing is none: half of them here. The others are spread over
// 20 ms, a twentieth of them within the millisecond that a burst may take.
TEST_F(MeasuredJitter, BelowTheDelayIsNoDelay) {
  const auto arrivals = Through("delay = \"1us\"\njitter = \"20ms\"",
                                {.count = 1000, .burst = 50});
  const auto at_once = std::count_if(
      arrivals.begin(), arrivals.end(),
      [](const Arrival& a) { return a.delay() < milliseconds(1); });
  ExpectWithin(static_cast<double>(at_once),
               {Binomial(1000, 0.5).from, Binomial(1000, 0.525).to},
               "of 1000 at once");
}

}  // namespace
}  // namespace finwait::lab
