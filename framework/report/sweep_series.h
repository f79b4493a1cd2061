// What of a sweep is drawn: one stay, as lines over the values swept.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/sweep_chart.h"
#include "report/sweep_table.h"

namespace finwait::report {

using ChosenRows = std::vector<const SweepRow*>;  // not empty

// The rows of the stay that varies most, of those that are asked for. Throws
// Error if there is none. They point into `rows`.
ChosenRows MostVarying(const std::vector<SweepRow>& rows,
                       const SweepChartOptions& options);

// "20ms": 20 of "ms".
struct SweptNumber {
  double number = 0;
  std::string unit;
};

std::optional<SweptNumber> ParseSweptNumber(const std::string& text);

// The x of every value: its number if all have one of the same unit, else its
// place among the values.
class SweepScale {
 public:
  explicit SweepScale(const ChosenRows& rows);

  double At(const SweepRow& row) const;
  std::string unit() const { return numeric_ ? unit_ : ""; }
  std::vector<std::string> categories() const {
    return numeric_ ? std::vector<std::string>() : order_;
  }

 private:
  std::vector<std::string> order_;
  std::string unit_;
  bool numeric_ = true;
};

// The rows of a kernel and of the values beside the horizontal axis, by x.
struct SweepSeries {
  std::string name;
  std::map<double, const SweepRow*> rows;

  int hz() const { return rows.begin()->second->hz; }
};

// In the order they came. Of several stays in one case, the longest stands.
std::vector<SweepSeries> SeriesOf(const ChosenRows& rows,
                                  const SweepScale& scale);

}  // namespace finwait::report
