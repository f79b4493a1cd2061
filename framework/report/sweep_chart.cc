// Chooses what of a sweep is worth a picture, and what is worth a word in it.
#include "report/sweep_chart.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "base/error.h"
#include "report/axis.h"
#include "report/text.h"
#include "scenario/overrides.h"

namespace finwait::report {
namespace {

using Rows = std::vector<const SweepRow*>;
using Key = std::tuple<std::string, std::string, tcp::TcpState, int>;

double Seconds(Duration length) {
  return std::chrono::duration<double>(length).count();
}

// --- which stay --------------------------------------------------------------

bool IsWanted(const SweepRow& row, const SweepChartOptions& options) {
  return !row.host.empty() && !row.length.open &&
         (!options.state || row.state == *options.state) &&
         (options.host.empty() || row.host == options.host) &&
         (options.connection.empty() || row.connection == options.connection);
}

double Variation(const Rows& rows) {
  const auto [least, most] = std::minmax_element(
      rows.begin(), rows.end(), [](const SweepRow* a, const SweepRow* b) {
        return a->length.best < b->length.best;
      });
  return Seconds((*most)->length.best - (*least)->length.best);
}

// The rows of the stay that varies most.
Rows Choose(const std::vector<SweepRow>& rows,
            const SweepChartOptions& options) {
  std::map<Key, Rows> stays;
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

// --- the horizontal axis -----------------------------------------------------

struct XValue {
  double number = 0;
  std::string unit;
};

std::optional<XValue> ParseX(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || !std::isfinite(number)) return std::nullopt;
  return XValue{number, end};
}

// The x of every value: its number if all have one of the same unit, else its
// place among the values.
class XScale {
 public:
  explicit XScale(const Rows& rows) {
    for (const SweepRow* row : rows) {
      const std::string& text = row->values.front().second;
      const auto parsed = ParseX(text);
      if (order_.empty() && parsed) unit_ = parsed->unit;
      numeric_ = numeric_ && parsed && parsed->unit == unit_;
      if (std::find(order_.begin(), order_.end(), text) == order_.end()) {
        order_.push_back(text);
      }
    }
  }

  double At(const SweepRow& row) const {
    const std::string& text = row.values.front().second;
    if (numeric_) return ParseX(text)->number;
    return static_cast<double>(std::find(order_.begin(), order_.end(), text) -
                               order_.begin());
  }
  std::string unit() const { return numeric_ ? unit_ : ""; }
  std::vector<std::string> categories() const {
    return numeric_ ? std::vector<std::string>() : order_;
  }

 private:
  std::vector<std::string> order_;
  std::string unit_;
  bool numeric_ = true;
};

// What a value says as a length of time; bare numbers are seconds.
std::optional<double> SecondsSaid(const std::string& text) {
  if (const auto length = ParseDuration(text)) return Seconds(*length);
  const auto number = ParseX(text);
  if (!number || !number->unit.empty()) return std::nullopt;
  return number->number;
}

// --- the vertical axis -------------------------------------------------------

// A unit in which the greatest of the values has a few digits.
struct TimeUnit {
  double seconds = 1;
  std::string name;
};

TimeUnit UnitFor(const ChartPanel& panel) {
  double most = 0;
  for (const ChartLine& line : panel.lines) {
    for (const ChartPoint& p : line) most = std::max(most, std::abs(p.y));
  }
  constexpr double kMinute = 60;
  constexpr double kHour = 3600;
  if (most >= 3 * kHour) return {kHour, " h"};
  if (most >= 10 * kMinute) return {kMinute, " min"};
  if (most >= 1) return {1, " s"};
  if (most >= 1e-3) return {1e-3, " ms"};
  return {1e-6, " us"};
}

void Scale(double by, ChartLine* line) {
  for (ChartPoint& point : *line) point.y *= by;
}

void UseUnit(ChartPanel* panel) {
  const TimeUnit unit = UnitFor(*panel);
  panel->unit = unit.name;
  for (ChartLine& line : panel->lines) Scale(1 / unit.seconds, &line);
  for (ChartLine* line :
       {&panel->reference, &panel->band_low, &panel->band_high}) {
    Scale(1 / unit.seconds, line);
  }
}

// --- series ------------------------------------------------------------------

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

// The rows of each series by x, the series in the order they came. Of several
// stays in one case, the longest stands.
struct Series {
  std::string name;
  std::map<double, const SweepRow*> rows;

  int hz() const { return rows.begin()->second->hz; }
};

std::vector<Series> SeriesOf(const Rows& rows, const XScale& scale) {
  std::vector<Series> all;
  for (const SweepRow* row : rows) {
    const std::string name = SeriesName(*row);
    auto series = std::find_if(all.begin(), all.end(), [&](const Series& one) {
      return one.name == name;
    });
    if (series == all.end()) series = all.insert(all.end(), {name, {}});
    const SweepRow*& at = series->rows[scale.At(*row)];
    if (at == nullptr || at->length.best < row->length.best) at = row;
  }
  return all;
}

// Is the length itself not what the scenario says? If it says nothing of it,
// the whole case may have failed.
bool IsWrong(const SweepRow& row) {
  if (!row.shortest && !row.longest) {
    return row.verdict == judge::Verdict::kFail;
  }
  return (row.shortest && row.length.high < *row.shortest) ||
         (row.longest && row.length.low > *row.longest);
}

template <typename Function>
ChartLine LineOf(const Series& series, Function y) {
  ChartLine line;
  for (const auto& [x, row] : series.rows) {
    if (const std::optional<double> value = y(*row)) {
      line.push_back({x, *value, IsWrong(*row)});
    }
  }
  return line;
}

// --- panels ------------------------------------------------------------------

// Both sides of the greatest leap between neighbours, if it is one: five times
// the usual difference, and a fifth of the whole.
void NoteLeap(const std::string& name, const std::string& x_unit,
              ChartPanel* panel) {
  const ChartLine& line = panel->lines.front();
  if (line.size() < 4) return;
  std::vector<double> leaps;
  for (std::size_t n = 1; n < line.size(); ++n) {
    leaps.push_back(std::abs(line[n].y - line[n - 1].y));
  }
  const auto greatest = std::max_element(leaps.begin(), leaps.end());
  const auto [least, most] = std::minmax_element(
      line.begin(), line.end(),
      [](const auto& a, const auto& b) { return a.y < b.y; });
  std::vector<double> sorted = leaps;
  std::sort(sorted.begin(), sorted.end());
  if (*greatest < 5 * sorted[sorted.size() / 2] ||
      *greatest < (most->y - least->y) / 5) {
    return;
  }
  const auto after = static_cast<std::size_t>(greatest - leaps.begin()) + 1;
  for (const std::size_t n : {after - 1, after}) {
    panel->notes.push_back({line[n],
                            name + " " + NumberText(line[n].x) + x_unit + ": " +
                                NumberText(line[n].y, 3) + panel->unit,
                            n < after});
  }
}

ChartPanel Lengths(const std::vector<Series>& all, const XScale& scale,
                   bool diagonal) {
  ChartPanel panel{.title = {}, .unit = {}, .height = 330};
  for (const Series& series : all) {
    panel.lines.push_back(LineOf(series, [](const SweepRow& row) {
      return std::optional(Seconds(row.length.best));
    }));
  }
  const SweepRow& any = *all.front().rows.begin()->second;
  panel.title = any.host + " " + any.connection + ": " +
                std::string(Name(any.state)) + " lasts";
  if (diagonal) {
    panel.reference = LineOf(all.front(), [](const SweepRow& row) {
      return SecondsSaid(row.values.front().second);
    });
    for (ChartPoint& point : panel.reference) point.wrong = false;
  }
  UseUnit(&panel);
  NoteLeap(any.values.front().first, scale.unit(), &panel);
  return panel;
}

bool HasBounds(const Series& series) {
  return std::all_of(series.rows.begin(), series.rows.end(), [](auto& one) {
    return one.second->shortest && one.second->longest;
  });
}

// How much longer than the least that is right, for the series of one HZ: the
// timer wheel's slots, and so the band, depend on it.
ChartPanel Lateness(const std::vector<Series>& all, int hz) {
  ChartPanel panel{.title = "later than the kernel's formula, at " +
                            std::to_string(hz) + " Hz",
                   .unit = {},
                   .height = 90,
                   .dots = true};
  std::map<double, double> latest;
  for (const Series& series : all) {
    panel.lines.emplace_back();
    if (series.hz() != hz) continue;
    panel.lines.back() = LineOf(series, [](const SweepRow& row) {
      return std::optional(Seconds(row.length.best - *row.shortest));
    });
    for (const auto& [x, row] : series.rows) {
      latest[x] = Seconds(*row->longest - *row->shortest);
    }
  }
  for (const auto& [x, most] : latest) {
    panel.band_low.push_back({x, 0});
    panel.band_high.push_back({x, most});
  }
  UseUnit(&panel);
  return panel;
}

std::set<int> FrequenciesOf(const std::vector<Series>& all) {
  std::set<int> frequencies;
  for (const Series& series : all) frequencies.insert(series.hz());
  return frequencies;
}

std::string Describe(const Chart& chart) {
  std::string text =
      chart.panels.front().title + ", against " + chart.x_title + ". ";
  for (const ChartNote& note : chart.panels.front().notes) {
    text += note.text + ". ";
  }
  text += Plural(chart.series.size(), "line") + ":";
  for (const std::string& name : chart.series) text += " " + name + ";";
  text.back() = '.';
  return text;
}

}  // namespace

Chart SweepChart(const std::vector<SweepRow>& rows,
                 const SweepChartOptions& options) {
  const Rows chosen = Choose(rows, options);
  const XScale scale(chosen);
  const std::vector<Series> all = SeriesOf(chosen, scale);
  Chart chart{.title = options.title,
              .subtitle = {},
              .description = {},
              .series = {},
              .reference = options.diagonal,
              .band = {},
              .wrong = "fails",
              .x_title = chosen.front()->values.front().first,
              .x_unit = scale.unit(),
              .categories = scale.categories(),
              .panels = {},
              .caption = options.caption};
  for (const Series& series : all) chart.series.push_back(series.name);
  // The diagonal takes bare numbers for seconds.
  const bool seconds = !options.diagonal.empty() && chart.x_unit.empty();
  if (seconds && chart.categories.empty()) chart.x_title += " (s)";
  chart.panels.push_back(Lengths(all, scale, !options.diagonal.empty()));
  if (std::all_of(all.begin(), all.end(), HasBounds)) {
    for (const int hz : FrequenciesOf(all)) {
      chart.panels.push_back(Lateness(all, hz));
    }
    chart.band = "as late as it may be";
  }
  chart.description = Describe(chart);
  return chart;
}

}  // namespace finwait::report
