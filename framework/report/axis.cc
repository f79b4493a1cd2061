// Chooses ticks that a person would have chosen.
#include "report/axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

namespace finwait::report {
namespace {

// 1, 2 or 5 times a power of ten, not much less than `step`.
double Round(double step) {
  const double power = std::pow(10, std::floor(std::log10(step)));
  for (const double factor : std::array{1.0, 2.0, 5.0}) {
    if (step <= factor * power * 1.25) return factor * power;
  }
  return 10 * power;
}

}  // namespace

Axis::Axis(double low, double high, int wanted, bool room)
    : low_(low), high_(high) {
  // From zero on, unless that would leave half of the picture empty.
  if (low_ > 0 && low_ < high_ / 2) low_ = 0;
  if (high_ < 0 && high_ > low_ / 2) high_ = 0;
  if (high_ <= low_) {  // a single value
    const double around = std::max(std::abs(high_) / 2, 0.5);
    high_ += around;
    low_ -= around;
  }
  if (room) high_ += (high_ - low_) / 20;
  step_ = Round((high_ - low_) / wanted);
}

std::vector<double> Axis::ticks() const {
  std::vector<double> ticks;
  const double hair = step_ / 1000;
  const auto first = std::llround(std::ceil((low_ - hair) / step_));
  const auto last = std::llround(std::floor((high_ + hair) / step_));
  for (auto n = first; n <= last; ++n) {
    ticks.push_back(static_cast<double>(n) * step_);
  }
  return ticks;
}

std::string NumberText(double number, int digits) {
  std::ostringstream out;
  out.precision(digits);
  out << (number == 0 ? 0.0 : number);  // no "-0"
  return out.str();
}

}  // namespace finwait::report
