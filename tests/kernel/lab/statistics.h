// What chance allows: the intervals in which a correct kernel stays.
//
// Every interval here is left by chance with a probability of at most
// kFalseAlarm. The tests of netem draw about a hundred of them, so that a run
// without a seed fails by chance once in 10,000 runs at most; with a seed
// (Linux 6.6) and virtual time the draws are the same in every run.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <random>
#include <vector>

namespace finwait::lab {

constexpr double kFalseAlarm = 1e-6;

// The two-sided quantile of the normal distribution that belongs to it.
constexpr double kSigmas = 4.8916;

struct Interval {
  double from = 0;
  double to = 0;
};

// How often something of chance `p` happens in `n` independent trials: the
// tails of the binomial distribution, summed exactly.
inline Interval Binomial(int n, double p) {
  if (p <= 0 || p >= 1) return {n * p, n * p};
  const auto chance = [n, p](int k) {
    return std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) -
                    std::lgamma(n - k + 1.0) + k * std::log(p) +
                    (n - k) * std::log1p(-p));
  };
  int from = 0;
  int to = n;
  for (double tail = chance(from); tail < kFalseAlarm / 2;) {
    tail += chance(++from);
  }
  for (double tail = chance(to); tail < kFalseAlarm / 2;) tail += chance(--to);
  return {static_cast<double>(from), static_cast<double>(to)};
}

// Mean, standard deviation and fourth central moment.
struct Moments {
  explicit Moments(const std::vector<double>& values) {
    const auto size = static_cast<double>(values.size());
    for (const double value : values) mean += value / size;
    double square = 0;
    for (const double value : values) {
      const double off = value - mean;
      square += off * off / size;
      fourth += off * off * off * off / size;
    }
    deviation = std::sqrt(square);
  }

  // Where the mean of a sample of this distribution lies.
  Interval MeanOf(std::size_t size) const {
    const double off =
        kSigmas * deviation / std::sqrt(static_cast<double>(size));
    return {mean - off, mean + off};
  }

  // And its standard deviation: the variance of a variance is (m4 - s^4) / n.
  Interval DeviationOf(std::size_t size) const {
    const double square = deviation * deviation;
    const double off = kSigmas * std::sqrt((fourth - square * square) /
                                           static_cast<double>(size));
    return {std::sqrt(square - off), std::sqrt(square + off)};
  }

  double mean = 0;
  double deviation = 0;
  double fourth = 0;
};

// Kolmogorov-Smirnov: how far the share of values up to a quantile is from
// what it should be, at most, over the quantiles from 1 % to `last`.
inline double FarthestFrom(const std::function<double(double)>& quantile,
                           std::vector<double> values, double last = 0.99) {
  std::sort(values.begin(), values.end());
  double farthest = 0;
  for (double p = 0.01; p <= last; p += 0.005) {
    const auto below =
        std::upper_bound(values.begin(), values.end(), quantile(p)) -
        values.begin();
    const double share =
        static_cast<double>(below) / static_cast<double>(values.size());
    farthest = std::max(farthest, std::abs(share - p));
  }
  return farthest;
}

// The bound of Dvoretzky, Kiefer, Wolfowitz and Massart: holds for any
// distribution and any number of values.
inline double FarthestByChance(std::size_t size) {
  return std::sqrt(std::log(2 / kFalseAlarm) / (2 * static_cast<double>(size)));
}

// Of each value with the next; by chance within kSigmas / sqrt(size) of 0.
inline double Autocorrelation(const std::vector<double>& values) {
  const Moments moments(values);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    sum += (values[i] - moments.mean) * (values[i + 1] - moments.mean);
  }
  return sum / (static_cast<double>(values.size()) * moments.deviation *
                moments.deviation);
}

// How often something happened, and how often twice in a row.
struct Occurrences {
  double times = 0;
  double pairs = 0;
};

inline Occurrences Count(const std::vector<bool>& happened) {
  Occurrences count;
  for (std::size_t i = 0; i < happened.size(); ++i) {
    count.times += happened[i] ? 1 : 0;
    count.pairs += i > 0 && happened[i] && happened[i - 1] ? 1 : 0;
  }
  return count;
}

// What a model of dependent trials gives in `n` of them: its own mean and
// deviation, over 100 runs of the model, and six deviations around: kSigmas,
// and what 100 runs may be wrong by (a tenth of a deviation in the mean, 7 %
// in the deviation), and what a sum of 10,000 is not yet normal.
struct Expected {
  Interval times;
  Interval pairs;
  double rate = 0;   // of each trial
  double burst = 0;  // mean length of an unbroken row
};

// `model` makes one sequence of trials, given a source of 32 random bits.
using Random = std::mt19937;
using Trials = std::function<std::function<bool()>(Random&)>;

inline Expected Simulate(const Trials& model, int n) {
  constexpr int kRuns = 100;
  Random random;  // from its own seed: the same everywhere
  std::vector<double> times;
  std::vector<double> pairs;
  for (int run = 0; run < kRuns; ++run) {
    const auto trial = model(random);
    std::vector<bool> happened(static_cast<std::size_t>(n));
    std::generate(happened.begin(), happened.end(), trial);
    times.push_back(Count(happened).times);
    pairs.push_back(Count(happened).pairs);
  }
  const Moments t(times);
  const Moments p(pairs);
  return {.times = {t.mean - 6 * t.deviation, t.mean + 6 * t.deviation},
          .pairs = {p.mean - 6 * p.deviation, p.mean + 6 * p.deviation},
          .rate = t.mean / n,
          .burst = t.mean / (t.mean - p.mean)};
}

}  // namespace finwait::lab
