// Where numbers lie in a picture, and which of them are worth a label. Pure.
#pragma once

#include <string>
#include <vector>

namespace finwait::report {

// Maps [low, high] to picture coordinates [from, to]; `from` may be greater,
// as it is upwards. A value.
class Axis {
 public:
  // Takes in all of [low, high], and zero if that is near; makes room of a
  // twentieth beyond `high` where `room` is set. About `wanted` ticks.
  Axis(double low, double high, int wanted, bool room);

  void Place(double from, double to) {
    from_ = from;
    to_ = to;
  }
  double At(double value) const {
    return from_ + (to_ - from_) * (value - low_) / (high_ - low_);
  }

  double low() const { return low_; }
  double high() const { return high_; }
  // Multiples of 1, 2 or 5 times a power of ten, all within the axis.
  std::vector<double> ticks() const;

 private:
  double low_;
  double high_;
  double step_;
  double from_ = 0;
  double to_ = 1;
};

// The shortest text of a number with at most `digits` significant digits.
std::string NumberText(double number, int digits = 6);

}  // namespace finwait::report
