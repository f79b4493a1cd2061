// Draws what of a sweep is worth a picture, with what is worth a word in it.
#include "report/sweep_chart.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "report/axis.h"
#include "report/sweep_series.h"
#include "report/text.h"

namespace finwait::report {
namespace {

double Seconds(Duration length) {
  return std::chrono::duration<double>(length).count();
}

// What a value says as a length of time; bare numbers are seconds.
std::optional<double> SecondsSaid(const std::string& text) {
  if (const auto length = ParseDuration(text)) return Seconds(*length);
  const auto number = ParseSweptNumber(text);
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

// --- lines -------------------------------------------------------------------

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
ChartLine LineOf(const SweepSeries& series, Function y) {
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

ChartPanel Lengths(const std::vector<SweepSeries>& all, const SweepScale& scale,
                   bool diagonal) {
  ChartPanel panel{.title = {}, .unit = {}, .height = 330};
  for (const SweepSeries& series : all) {
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

bool HasBounds(const SweepSeries& series) {
  return std::all_of(series.rows.begin(), series.rows.end(), [](auto& one) {
    return one.second->shortest && one.second->longest;
  });
}

// How much longer than the least that is right, for the series of one HZ: the
// timer wheel's slots, and so the band, depend on it.
ChartPanel Lateness(const std::vector<SweepSeries>& all, int hz) {
  ChartPanel panel{.title = "later than the kernel's formula, at " +
                            std::to_string(hz) + " Hz",
                   .unit = {},
                   .height = 90,
                   .dots = true};
  std::map<double, double> latest;
  for (const SweepSeries& series : all) {
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

std::set<int> FrequenciesOf(const std::vector<SweepSeries>& all) {
  std::set<int> frequencies;
  for (const SweepSeries& series : all) frequencies.insert(series.hz());
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
  const ChosenRows chosen = MostVarying(rows, options);
  const SweepScale scale(chosen);
  const std::vector<SweepSeries> all = SeriesOf(chosen, scale);
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
  for (const SweepSeries& series : all) chart.series.push_back(series.name);
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
