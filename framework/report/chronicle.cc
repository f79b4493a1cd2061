// Merges endpoints and steps into one table.
#include "report/chronicle.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "base/units.h"
#include "judge/stay.h"
#include "report/text.h"

namespace finwait::report {
namespace {

using judge::Stay;
using tcp::EndpointTimeline;
using tcp::TcpState;
using tcp::Timeline;

constexpr std::size_t kTimeWidth = 11;
// "ESTABLISHED → CLOSE_WAIT" and a gap.
constexpr std::size_t kCellWidth = 26;

// --- rows ------------------------------------------------------------------

// Why it happened, and how long the state lasted that it ended.
std::string RemarkText(const tcp::Transition& transition, const Stay* ended,
                       const Timeline& timeline) {
  std::string text = transition.cause;
  if (!ended || !ended->entry) return text;
  if (!text.empty()) text += ", ";
  return text + "after " + Format(LengthOf(*ended, timeline).best);
}

void AddTransitions(std::vector<Row>& rows, const EndpointTimeline& endpoint,
                    bool right, const Timeline& timeline) {
  std::vector<Stay> stays = judge::StaysOf(endpoint);
  for (const tcp::Transition& transition : endpoint.transitions) {
    auto ended = std::find_if(
        stays.begin(), stays.end(),
        [&](const Stay& stay) { return stay.exit == &transition; });
    const Stay* stay = ended == stays.end() ? nullptr : &*ended;
    rows.push_back({transition.at, Row::Kind::kTransition, endpoint.connection,
                    right, ChangeText(transition),
                    RemarkText(transition, stay, timeline)});
  }
}

// The arrow points where the segment goes: the client is on the left.
std::string PacketText(const tcp::Packet& packet, bool right) {
  bool to_the_right = packet.sent != right;
  std::string text = tcp::FlagNames(packet.flags);
  if (packet.length > 0) text += " " + std::to_string(packet.length) + "B";
  return to_the_right ? text + " →" : "← " + text;
}

void AddPackets(std::vector<Row>& rows, const EndpointTimeline& endpoint,
                bool right) {
  for (const tcp::Packet& packet : endpoint.packets) {
    Row::Kind kind = packet.sent ? Row::Kind::kSent : Row::Kind::kReceived;
    rows.push_back({packet.at, kind, endpoint.connection, right,
                    PacketText(packet, right),
                    packet.sent ? "sent" : "received"});
  }
}

void AddSteps(std::vector<Row>& rows, const Timeline& timeline) {
  for (const tcp::StepRecord& step : timeline.steps) {
    rows.push_back({step.begin, Row::Kind::kStep, step.connection, false,
                    "step " + std::to_string(step.number) + "  " + step.text,
                    ""});
  }
}

bool Sooner(const Row& a, const Row& b) {
  return std::tie(a.at, a.kind) < std::tie(b.at, b.kind);
}

// --- lines -----------------------------------------------------------------

struct Layout {
  TimePoint begin;
  std::size_t name_width = 0;  // of the connection; 0: there is only one
};

Layout LayoutOf(const std::vector<Pair>& pairs, const Timeline& timeline) {
  Layout layout{timeline.begin, 0};
  if (pairs.size() < 2) return layout;
  for (const Pair& pair : pairs) {
    std::size_t width = Columns(pair.any().connection) + 2;
    layout.name_width = std::max(layout.name_width, width);
  }
  return layout;
}

std::string Line(const Row& row, const Layout& layout, const Style& style) {
  std::string time = PadLeft(Format(row.at - layout.begin), kTimeWidth) + "  ";
  if (row.kind == Row::Kind::kStep) {
    return time + Paint("· " + row.what, Color::kDim, style);
  }
  std::string line;
  if (layout.name_width > 0) line = PadRight(row.connection, layout.name_width);
  line += std::string(row.right ? kCellWidth : 0, ' ');
  std::size_t to_remark = row.right ? kCellWidth : 2 * kCellWidth;
  line += row.remark.empty() ? row.what : PadRight(row.what, to_remark);
  bool packet = row.kind != Row::Kind::kTransition;
  Color color = packet ? Color::kDim : Color::kNone;
  return time + Paint(line, color, style) +
         Paint(row.remark, Color::kDim, style);
}

std::string HostNames(const std::vector<Pair>& pairs, bool right) {
  std::string name;
  for (const Pair& pair : pairs) {
    const EndpointTimeline* end = right ? pair.server : pair.client;
    if (!end || name == end->host) continue;
    if (!name.empty()) return right ? "server" : "client";
    name = end->host;
  }
  return name;
}

std::string Head(const std::vector<Pair>& pairs, const Layout& layout,
                 const Style& style) {
  std::string legend;
  for (const Pair& pair : pairs) legend += "  " + Describe(pair) + "\n";
  std::string head = std::string(kTimeWidth + 2 + layout.name_width, ' ') +
                     PadRight(HostNames(pairs, false), kCellWidth) +
                     HostNames(pairs, true);
  return legend + Paint(head, Color::kBold, style) + "\n";
}

bool About(const Row& row, std::string_view connection) {
  return row.connection == connection ||
         (row.kind == Row::Kind::kStep && row.connection.empty());
}

}  // namespace

std::string ChangeText(const tcp::Transition& transition) {
  std::string to(Name(transition.to));
  if (transition.from == TcpState::kClosed) return to;
  return std::string(Name(transition.from)) + " → " + to;
}

std::vector<Row> RowsOf(const std::vector<Pair>& pairs,
                        const Timeline& timeline, bool packets) {
  std::vector<Row> rows;
  AddSteps(rows, timeline);
  for (const Pair& pair : pairs) {
    for (const EndpointTimeline* end : {pair.client, pair.server}) {
      if (!end) continue;
      bool right = end == pair.server;
      AddTransitions(rows, *end, right, timeline);
      if (packets) AddPackets(rows, *end, right);
    }
  }
  std::stable_sort(rows.begin(), rows.end(), Sooner);
  return rows;
}

std::string Chronicle(const Timeline& timeline, const Style& style) {
  std::vector<Pair> pairs = PairsOf(timeline);
  Layout layout = LayoutOf(pairs, timeline);
  std::string text = Head(pairs, layout, style);
  for (const Row& row : RowsOf(pairs, timeline, style.verbose)) {
    text += Line(row, layout, style) + "\n";
  }
  std::string end = PadLeft(Format(timeline.end - timeline.begin), kTimeWidth);
  return text + end + Paint("  · end of the run", Color::kDim, style) + "\n";
}

std::string Excerpt(const Timeline& timeline, std::string_view connection,
                    TimePoint around, const Style& style) {
  constexpr std::ptrdiff_t kBefore = 3;
  constexpr std::ptrdiff_t kAfter = 2;
  std::vector<Row> rows = RowsOf(PairsOf(timeline), timeline, true);
  std::erase_if(rows, [&](const Row& row) { return !About(row, connection); });
  auto marked = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return row.at >= around && row.kind != Row::Kind::kStep;
  });
  auto first = marked - std::min(kBefore, marked - rows.begin());
  auto last = marked + std::min(kAfter + 1, rows.end() - marked);
  std::string text;
  for (auto row = first; row != last; ++row) {
    std::string line = Line(*row, {timeline.begin, 0}, style);
    text += (row == marked ? "  ▶ " : "    ") + line + "\n";
  }
  return text;
}

}  // namespace finwait::report
