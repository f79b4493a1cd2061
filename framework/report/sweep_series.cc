// Choosing and sorting the rows of a sweep; see the header.
#include "report/sweep_series.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include "base/error.h"
#include "scenario/overrides.h"

namespace finwait::report {
namespace {

using Key = std::tuple<std::string, std::string, tcp::TcpState, int>;

bool IsWanted(const SweepRow& row, const SweepChartOptions& options) {
  return !row.host.empty() && !row.length.open &&
         (!options.state || row.state == *options.state) &&
         (options.host.empty() || row.host == options.host) &&
         (options.connection.empty() || row.connection == options.connection);
}

Duration Variation(const ChosenRows& rows) {
  const auto [least, most] = std::minmax_element(
      rows.begin(), rows.end(), [](const SweepRow* a, const SweepRow* b) {
        return a->length.best < b->length.best;
      });
  return (*most)->length.best - (*least)->length.best;
}

// What of a case's name is not the horizontal axis: other values swept over,
// other parameters of the file.
std::string OtherValues(const SweepRow& row) {
  const std::string x = scenario::ToString(row.values.front());
  std::string others = ", " + row.case_name;
  const auto at = (others + ",").find(", " + x + ",");
  if (at != std::string::npos) others.erase(at, x.size() + 2);
  return others == ", " ? "" : others;
}

std::string SeriesName(const SweepRow& row) {
  const std::string kernel = row.kernel.empty() ? row.release : row.kernel;
  return kernel + " at " + std::to_string(row.hz) + " Hz" + OtherValues(row);
}

}  // namespace

ChosenRows MostVarying(const std::vector<SweepRow>& rows,
                       const SweepChartOptions& options) {
  std::map<Key, ChosenRows> stays;
  for (const SweepRow& row : rows) {
    if (!IsWanted(row, options)) continue;
    stays[{row.host, row.connection, row.state, row.occurrence}].push_back(
        &row);
  }
  if (stays.empty()) {
    throw Error("drawing the sweep",
                "no connection left a state that was asked for");
  }
  const auto most = std::max_element(
      stays.begin(), stays.end(), [](const auto& a, const auto& b) {
        return Variation(a.second) < Variation(b.second);
      });
  return most->second;
}

std::optional<SweptNumber> ParseSweptNumber(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || !std::isfinite(number)) return std::nullopt;
  return SweptNumber{number, end};
}

SweepScale::SweepScale(const ChosenRows& rows) {
  for (const SweepRow* row : rows) {
    const std::string& text = row->values.front().second;
    const auto parsed = ParseSweptNumber(text);
    if (order_.empty() && parsed) unit_ = parsed->unit;
    numeric_ = numeric_ && parsed && parsed->unit == unit_;
    if (std::find(order_.begin(), order_.end(), text) == order_.end()) {
      order_.push_back(text);
    }
  }
}

double SweepScale::At(const SweepRow& row) const {
  const std::string& text = row.values.front().second;
  if (numeric_) return ParseSweptNumber(text)->number;
  return static_cast<double>(std::find(order_.begin(), order_.end(), text) -
                             order_.begin());
}

std::vector<SweepSeries> SeriesOf(const ChosenRows& rows,
                                  const SweepScale& scale) {
  std::vector<SweepSeries> all;
  for (const SweepRow* row : rows) {
    const std::string name = SeriesName(*row);
    auto series =
        std::find_if(all.begin(), all.end(),
                     [&](const SweepSeries& one) { return one.name == name; });
    if (series == all.end()) series = all.insert(all.end(), {name, {}});
    const SweepRow*& at = series->rows[scale.At(*row)];
    if (at == nullptr || at->length.best < row->length.best) at = row;
  }
  return all;
}

}  // namespace finwait::report
