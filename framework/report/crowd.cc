// Groups connections by their paths, and draws how many were in each state.
#include "report/crowd.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/units.h"
#include "judge/population.h"
#include "judge/stay.h"
#include "judge/wording.h"
#include "report/pairs.h"
#include "report/text.h"

namespace finwait::report {
namespace {

using tcp::EndpointTimeline;
using tcp::Timeline;

// The shortest and the longest stay in one state of the path.
struct Span {
  Duration low = Duration::max();
  Duration high{};
};

// One end of all connections of a group.
struct Side {
  std::string host;
  std::string path;
  std::vector<std::pair<std::string, Span>> states;  // those that ended
};

struct Group {
  std::size_t count = 0;
  std::string example;
  Side client;
  Side server;
};

std::string PathTextOf(const EndpointTimeline* end) {
  if (!end) return "";
  return judge::PathText(judge::PathOf(judge::StaysOf(*end)));
}

std::string KeyOf(const Pair& pair) {
  std::string key;
  for (const EndpointTimeline* end : {pair.client, pair.server}) {
    if (end) key += end->host + " " + PathTextOf(end);
    key += "\n";
  }
  return key;
}

void AddTo(Side& side, const EndpointTimeline* end, const Timeline& timeline) {
  if (!end) return;
  side.host = end->host;
  side.path = PathTextOf(end);
  std::vector<judge::Stay> stays = judge::StaysOf(*end);
  std::erase_if(stays, [](const auto& stay) { return !stay.exit; });
  for (std::size_t i = 0; i < stays.size(); ++i) {
    if (i == side.states.size()) {
      side.states.emplace_back(Name(stays[i].state), Span{});
    }
    Span& span = side.states[i].second;
    Duration length = LengthOf(stays[i], timeline).best;
    span.low = std::min(span.low, length);
    span.high = std::max(span.high, length);
  }
}

std::string SideText(const Side& side, std::size_t width) {
  if (side.host.empty()) return "";
  std::string text = Fold("    " + PadRight(side.host, 10), side.path, width);
  for (const auto& [state, span] : side.states) {
    std::string range = Format(span.low);
    if (span.high != span.low) range += " to " + Format(span.high);
    text += std::string(16, ' ') + PadRight(state, 13) + range + "\n";
  }
  return text;
}

std::string GroupText(const Group& group, const Style& style) {
  auto width = static_cast<std::size_t>(style.width);
  std::string head = Plural(group.count, "connection");
  return "  " + Paint(head, Color::kBold, style) +
         (group.count > 1 ? ", such as " : ", ") + group.example + "\n" +
         SideText(group.client, width) + SideText(group.server, width);
}

std::string StepsText(const Timeline& timeline, const Style& style) {
  std::string text;
  for (const tcp::StepRecord& step : timeline.steps) {
    std::string time = PadLeft(Format(step.begin - timeline.begin), 11);
    std::string what =
        "· step " + std::to_string(step.number) + "  " + step.text;
    text += time + "  " + Paint(what, Color::kDim, style) + "\n";
  }
  return text;
}

// --- counts over time --------------------------------------------------------

// The most sockets in each of the columns that the run is cut into.
std::vector<std::int64_t> ColumnsOf(const std::vector<judge::Count>& counts,
                                    const Timeline& timeline) {
  constexpr int kColumns = 40;
  std::vector<std::int64_t> columns;
  const Duration width = (timeline.end - timeline.begin) / kColumns;
  for (int i = 0; i < kColumns; ++i) {
    TimePoint from = timeline.begin + i * width;
    columns.push_back(judge::Within(counts, from, from + width).high);
  }
  return columns;
}

// A line of eighths of blocks, as high as the count; an empty column is none.
std::string Curve(const std::vector<std::int64_t>& columns, std::int64_t peak) {
  static constexpr std::array<const char*, 9> kBlocks = {
      " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string curve;
  for (std::int64_t count : columns) {
    curve += kBlocks[static_cast<std::size_t>((count * 8 + peak - 1) / peak)];
  }
  return curve;
}

std::string CountsText(const Timeline& timeline, const Style& style) {
  std::set<std::pair<std::string, tcp::TcpState>> populations;
  for (const EndpointTimeline& endpoint : timeline.endpoints) {
    for (const judge::Stay& stay : judge::StaysOf(endpoint)) {
      if (stay.state == tcp::TcpState::kClosed) continue;
      populations.emplace(endpoint.host, stay.state);
    }
  }
  std::string text = "  sockets at a time, from 0s to " +
                     Format(timeline.end - timeline.begin) + "\n";
  for (const auto& [host, state] : populations) {
    auto counts = judge::CountsOver(
        judge::MembersOf({.host = host, .state = state}, timeline));
    std::int64_t peak = judge::Peak(counts).high;
    text +=
        "  " + PadRight(host, 10) + PadRight(Name(state), 13) +
        Paint(Curve(ColumnsOf(counts, timeline), peak), Color::kDim, style) +
        "  at most " + std::to_string(peak) + "\n";
  }
  return text;
}

}  // namespace

std::string Crowd(const Timeline& timeline, const Style& style) {
  std::map<std::string, std::size_t> by_key;
  std::vector<Group> groups;
  for (const Pair& pair : PairsOf(timeline)) {
    auto [entry, added] = by_key.try_emplace(KeyOf(pair), groups.size());
    if (added) groups.push_back({0, Describe(pair), {}, {}});
    Group& group = groups[entry->second];
    ++group.count;
    AddTo(group.client, pair.client, timeline);
    AddTo(group.server, pair.server, timeline);
  }
  std::string text = StepsText(timeline, style);
  for (const Group& group : groups) text += GroupText(group, style);
  return text + CountsText(timeline, style);
}

}  // namespace finwait::report
