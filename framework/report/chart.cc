// Lays a chart out from top to bottom.
#include "report/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "report/axis.h"
#include "report/svg.h"

namespace finwait::report {
namespace {

using Anchor = Svg::Anchor;

// All in pixels of a picture that a page shows at about this width.
constexpr double kWidth = 960;
constexpr double kLeft = 72;
constexpr double kRight = kWidth - 28;
constexpr double kMargin = 24;
constexpr double kLegendRow = 24;
constexpr double kSwatch = 28;
constexpr double kPanelTitle = 30;
constexpr double kPanelGap = 18;
constexpr double kCaptionRow = 18;
// Average width of a letter, for what is not measured: 14 pixels high.
constexpr double kLetter = 7.8;
// So far from one line to the next, across them, and so much for all of them.
constexpr double kLane = 3.2;
constexpr double kLanes = 14;
// Fewer points than these are drawn as such, too.
constexpr std::size_t kManyPoints = 40;
constexpr int kColours = 6;

// The colours of Okabe and Ito, which those who confuse some colours can tell
// apart, too; darker yellow and sky on light ground.
constexpr char kStyle[] = R"(svg {
  font: 14px system-ui, "Segoe UI", Helvetica, Arial, "DejaVu Sans", sans-serif;
}
.ground { fill: #ffffff; stroke: #d1d9e0; }
text { fill: #1f2328; }
.title { font-size: 21px; font-weight: 600; }
.panel { font-weight: 600; }
.soft { fill: #59636e; }
.caption { fill: #59636e; font-size: 12.5px; }
.note { font-weight: 600; stroke: #ffffff; stroke-width: 4px;
  stroke-linejoin: round; paint-order: stroke; }
.grid { stroke: #e4e8ec; }
.axis { stroke: #818b98; }
.reference { fill: none; stroke: #818b98; stroke-width: 2;
  stroke-dasharray: 7 6; }
.band { fill: #818b98; fill-opacity: 0.16; }
.wrong { fill: none; stroke: #cf222e; stroke-width: 2; }
.series { fill: none; stroke-width: 2.4; stroke-linejoin: round; }
.point { stroke: none; }
.dot { fill: #1f2328; stroke: #ffffff; stroke-width: 1.5; }
.c0 { stroke: #0072b2; } .c0.point { fill: #0072b2; }
.c1 { stroke: #d55e00; } .c1.point { fill: #d55e00; }
.c2 { stroke: #009e73; } .c2.point { fill: #009e73; }
.c3 { stroke: #cc79a7; } .c3.point { fill: #cc79a7; }
.c4 { stroke: #b58900; } .c4.point { fill: #b58900; }
.c5 { stroke: #3c9dd0; } .c5.point { fill: #3c9dd0; }
.again { stroke-dasharray: 3 2; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117; stroke: #3d444d; }
  text { fill: #f0f6fc; }
  .soft, .caption { fill: #9198a1; }
  .note { stroke: #0d1117; }
  .grid { stroke: #262c36; }
  .axis, .reference { stroke: #818b98; }
  .dot { fill: #f0f6fc; stroke: #0d1117; }
  .c0 { stroke: #4aa8e0; } .c0.point { fill: #4aa8e0; }
  .c1 { stroke: #f0883e; } .c1.point { fill: #f0883e; }
  .c2 { stroke: #2cc79b; } .c2.point { fill: #2cc79b; }
  .c3 { stroke: #e29ac4; } .c3.point { fill: #e29ac4; }
}
)";

std::string LookOf(std::size_t series) {
  return " c" + std::to_string(series % kColours) +
         (series >= kColours ? " again" : "");
}

struct Extent {
  double low = std::numeric_limits<double>::max();
  double high = std::numeric_limits<double>::lowest();

  void Add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  Axis ToAxis(int wanted, bool room) const {
    return low > high ? Axis(0, 1, wanted, room)
                      : Axis(low, high, wanted, room);
  }
};

template <typename Function>
void ForEachPoint(const ChartPanel& panel, Function function) {
  auto all = [&](const ChartLine& line) {
    std::for_each(line.begin(), line.end(), function);
  };
  std::for_each(panel.lines.begin(), panel.lines.end(), all);
  for (const auto* line :
       {&panel.reference, &panel.band_low, &panel.band_high}) {
    all(*line);
  }
}

class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart), x_(XAxis(chart)) {
    x_.Place(kLeft, kRight);
  }

  std::string Draw() {
    Head();
    Legend();
    for (const ChartPanel& panel : chart_.panels) Panel(panel);
    Foot();
    Svg whole;
    const SvgPoint size{kWidth, top_ + kMargin / 2};
    whole.Rectangle({0.5, 0.5}, {size.x - 1, size.y - 1}, "ground");
    whole.Add(svg_);
    return whole.Document(size, chart_.title, chart_.description, kStyle);
  }

 private:
  static Axis XAxis(const Chart& chart) {
    if (!chart.categories.empty()) {
      const auto last = static_cast<double>(chart.categories.size());
      return {-0.5, last - 0.5, 10, false};
    }
    Extent extent;
    for (const ChartPanel& panel : chart.panels) {
      ForEachPoint(panel, [&](const ChartPoint& p) { extent.Add(p.x); });
    }
    return extent.ToAxis(13, false);
  }

  void Head() {
    top_ = 40;
    svg_.Text({kMargin, top_}, Anchor::kStart, chart_.title, "title");
    if (!chart_.subtitle.empty()) {
      top_ += 24;
      svg_.Text({kMargin, top_}, Anchor::kStart, chart_.subtitle, "soft");
    }
    top_ += 30;
  }

  // Entries from left to right, in as many rows as they need.
  void Legend() {
    double x = kMargin;
    auto entry = [&](const std::string& name, auto swatch) {
      if (name.empty()) return;
      const double wide =
          kSwatch + 8 + kLetter * static_cast<double>(name.size()) + 20;
      if (x > kMargin && x + wide > kWidth - kMargin) {
        x = kMargin;
        top_ += kLegendRow;
      }
      swatch(SvgPoint{x, top_ - 5});
      svg_.Text({x + kSwatch + 8, top_}, Anchor::kStart, name, "soft");
      x += wide;
    };
    for (std::size_t n = 0; n < chart_.series.size(); ++n) {
      entry(chart_.series[n], [&](SvgPoint at) {
        svg_.Path({at, {at.x + kSwatch, at.y}}, "series" + LookOf(n));
      });
    }
    entry(chart_.reference, [&](SvgPoint at) {
      svg_.Path({at, {at.x + kSwatch, at.y}}, "reference");
    });
    entry(chart_.band, [&](SvgPoint at) {
      svg_.Area({{at.x, at.y - 6},
                 {at.x + kSwatch, at.y - 6},
                 {at.x + kSwatch, at.y + 6},
                 {at.x, at.y + 6}},
                "band");
    });
    entry(HasWrong() ? chart_.wrong : "", [&](SvgPoint at) {
      svg_.Circle({at.x + kSwatch / 2, at.y}, 5, "wrong");
    });
    top_ += 12;
  }

  bool HasWrong() const {
    bool has = false;
    for (const ChartPanel& panel : chart_.panels) {
      ForEachPoint(panel, [&](const ChartPoint& p) { has = has || p.wrong; });
    }
    return has;
  }

  void Panel(const ChartPanel& panel) {
    top_ += kPanelTitle;
    svg_.Text({kMargin, top_ - 12}, Anchor::kStart, panel.title, "panel");
    Extent extent;
    ForEachPoint(panel, [&](const ChartPoint& p) { extent.Add(p.y); });
    Axis y =
        extent.ToAxis(std::max(2, static_cast<int>(panel.height / 42)), true);
    y.Place(top_ + panel.height, top_);
    Grid(panel, y);
    Band(panel, y);
    if (!panel.reference.empty()) {
      svg_.Path(Placed(panel.reference, y), "reference");
    }
    for (std::size_t n = 0; n < panel.lines.size(); ++n) Series(panel, n, y);
    for (const ChartNote& note : panel.notes) Note(note, y);
    top_ += panel.height + kPanelGap;
  }

  void Grid(const ChartPanel& panel, const Axis& y) {
    for (const double tick : y.ticks()) {
      svg_.Line({kLeft, y.At(tick)}, {kRight, y.At(tick)}, "grid");
      svg_.Text({kLeft - 10, y.At(tick) + 5}, Anchor::kEnd,
                NumberText(tick) + panel.unit, "soft");
    }
    const double bottom = top_ + panel.height;
    ForEachXTick([&](double at, const std::string&) {
      svg_.Line({at, top_}, {at, bottom}, "grid");
    });
    svg_.Line({kLeft, bottom}, {kRight, bottom}, "axis");
  }

  template <typename Function>
  void ForEachXTick(Function function) const {
    if (chart_.categories.empty()) {
      for (const double tick : x_.ticks()) {
        function(x_.At(tick), NumberText(tick) + chart_.x_unit);
      }
    }
    for (std::size_t n = 0; n < chart_.categories.size(); ++n) {
      function(x_.At(static_cast<double>(n)), chart_.categories[n]);
    }
  }

  void Band(const ChartPanel& panel, const Axis& y) {
    if (panel.band_low.empty()) return;
    std::vector<SvgPoint> around = Placed(panel.band_low, y);
    const auto back = Placed(panel.band_high, y);
    around.insert(around.end(), back.rbegin(), back.rend());
    svg_.Area(around, "band");
  }

  std::vector<SvgPoint> Placed(const ChartLine& line, const Axis& y,
                               SvgPoint aside = {}) const {
    std::vector<SvgPoint> placed;
    for (const ChartPoint& point : line) {
      placed.push_back({x_.At(point.x) + aside.x, y.At(point.y) + aside.y});
    }
    return placed;
  }

  // Where the lane of series n is. Lines go to the lower right: that is across
  // them, whether they rise, run level or fall steeply. Dots keep their height.
  SvgPoint LaneOf(const ChartPanel& panel, std::size_t n) const {
    const auto count = static_cast<double>(chart_.series.size());
    const double lane = (static_cast<double>(n) - (count - 1) / 2) *
                        std::min(kLane, kLanes / count) / std::sqrt(2.0);
    return {lane, panel.dots ? 0 : lane};
  }

  void Series(const ChartPanel& panel, std::size_t n, const Axis& y) {
    const ChartLine& line = panel.lines[n];
    const auto placed = Placed(line, y, LaneOf(panel, n));
    const bool many = line.size() >= kManyPoints;
    if (!panel.dots) svg_.Path(placed, "series" + LookOf(n));
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (panel.dots || !many) {
        svg_.Circle(placed[i], many ? 1.7 : 3, "point" + LookOf(n));
      }
      if (line[i].wrong) svg_.Circle(placed[i], 5, "wrong");
    }
  }

  // Above its point on the left, where lines that rise come from below, and a
  // little aside on the right.
  void Note(const ChartNote& note, const Axis& y) {
    const SvgPoint at{x_.At(note.at.x), y.At(note.at.y)};
    svg_.Circle(at, 4.5, "dot");
    if (note.to_the_left) {
      svg_.Text({at.x - 8, at.y - 12}, Anchor::kEnd, note.text, "note");
    } else {
      svg_.Text({at.x + 32, at.y - 3}, Anchor::kStart, note.text, "note");
    }
  }

  void Foot() {
    ForEachXTick([&](double at, const std::string& text) {
      svg_.Text({at, top_ + 2}, Anchor::kMiddle, text, "soft");
    });
    top_ += 26;
    svg_.Text({(kLeft + kRight) / 2, top_}, Anchor::kMiddle, chart_.x_title,
              "panel");
    top_ += 12;
    for (const std::string& line : chart_.caption) {
      top_ += kCaptionRow;
      svg_.Text({kMargin, top_}, Anchor::kStart, line, "caption");
    }
  }

  const Chart& chart_;
  Axis x_;
  Svg svg_;
  double top_ = 0;  // of what is drawn next
};

}  // namespace

std::string DrawChart(const Chart& chart) { return Drawing(chart).Draw(); }

}  // namespace finwait::report
