// Delay distributions, computed rather than read from tc(8)'s files.
#include <linux/pkt_sched.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "netlink/netem_message.h"

namespace finwait::netlink {
namespace {

// 1/4096 of a distribution is finer than a test can see, and the table takes
// 8 KiB of the 64 KiB an attribute may have.
constexpr int kEntries = 4096;

double NormalCdf(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

double NormalDensity(double x) {
  return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
}

// Newton's method: the CDF is convex below 0, so that from 0 on a quantile
// below the median is approached without overshooting; above by symmetry.
double NormalQuantile(double p) {
  if (p > 0.5) return -NormalQuantile(1 - p);
  double x = 0;
  for (int i = 0; i < 60; ++i) {
    double step = (NormalCdf(x) - p) / NormalDensity(x);
    x -= step;
    if (std::abs(step) < 1e-9) break;
  }
  return x;
}

// Shape 3, the smallest whole one with a variance: mean 3/2, variance 3/4.
double ParetoQuantile(double p) {
  constexpr double kShape = 3;
  return (std::pow(1 - p, -1 / kShape) - 1.5) / std::sqrt(0.75);
}

double Quantile(scenario::Distribution distribution, double p) {
  switch (distribution) {
    case scenario::Distribution::kUniform:
      return 2 * p - 1;
    case scenario::Distribution::kNormal:
      return NormalQuantile(p);
    case scenario::Distribution::kPareto:
      return ParetoQuantile(p);
    case scenario::Distribution::kParetoNormal:  // tc-netem(8): 3 to 1
      return 0.75 * ParetoQuantile(p) + 0.25 * NormalQuantile(p);
  }
  throw Error("making a delay table", "unknown distribution");
}

}  // namespace

std::vector<std::int16_t> DelayTable(scenario::Distribution distribution) {
  std::vector<std::int16_t> table(kEntries);
  for (int i = 0; i < kEntries; ++i) {
    double value = Quantile(distribution, (i + 0.5) / kEntries);
    // 16 bits hold four standard deviations; the rare rest is cut there.
    table[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(
        std::clamp(std::round(value * NETEM_DIST_SCALE), -32768.0, 32767.0));
  }
  return table;
}

}  // namespace finwait::netlink
