// A picture of measurements: panels above one another that share their
// horizontal axis. Pure; knows nothing of TCP.
#pragma once

#include <string>
#include <vector>

namespace finwait::report {

struct ChartPoint {
  double x = 0;
  double y = 0;
  bool wrong = false;  // gets a ring around it
};

using ChartLine = std::vector<ChartPoint>;

// A word about one point, beside it.
struct ChartNote {
  ChartPoint at;
  std::string text;
  bool to_the_left = false;
};

struct ChartPanel {
  std::string title;             // what its vertical axis shows
  std::string unit;              // of its ticks: " s"
  double height = 100;           // pixels, without its title
  std::vector<ChartLine> lines;  // one for each of the chart's series, or empty
  bool dots = false;             // points alone: values do not follow on
  ChartLine reference;           // dashed; may be empty
  ChartLine band_low;            // the area from here to band_high is tinted;
  ChartLine band_high;           // may be empty
  std::vector<ChartNote> notes;
};

struct Chart {
  std::string title;
  std::string subtitle;
  std::string description;          // for those who cannot see it
  std::vector<std::string> series;  // the same colour in every panel
  std::string reference;            // what the dashed lines are
  std::string band;                 // what the tinted areas are
  std::string wrong;                // what the rings mean
  std::string x_title;
  std::string x_unit;                   // of the ticks: "ms"
  std::vector<std::string> categories;  // instead of numbers: x is an index
  std::vector<ChartPanel> panels;
  std::vector<std::string> caption;  // lines
};

// The chart as SVG for light and dark pages, without scripts. Several series
// are moved apart by their own width, so that equal ones can be told.
std::string DrawChart(const Chart& chart);

}  // namespace finwait::report
