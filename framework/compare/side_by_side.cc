// Aligns the events of two runs.
#include "compare/side_by_side.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

#include "base/units.h"
#include "compare/alignment.h"
#include "compare/behaviour.h"
#include "compare/compare_endpoint.h"
#include "judge/stay.h"
#include "report/text.h"

namespace finwait::compare {
namespace {

using judge::Result;
using tcp::TcpState;

constexpr std::size_t kTimeWidth = 9;

// A line of one column. Equal keys stand side by side.
struct Event {
  TimePoint at;
  std::string key;
  std::string text;
  std::string host;
  std::string connection;
  std::optional<std::size_t> stay;  // index of the endpoint's stays
};

// Thousandths are enough to look at; less than one is said in full.
std::string Short(Duration duration) {
  using std::chrono::milliseconds;
  if (duration < milliseconds(1)) return Format(duration);
  return Format(std::chrono::round<milliseconds>(duration));
}

std::string Clip(const std::string& text, std::size_t width) {
  if (report::Columns(text) <= width) return report::PadRight(text, width);
  std::string clipped;
  for (const char c : text) {
    clipped += c;
    if (report::Columns(clipped) < width) continue;
    clipped.pop_back();
    break;
  }
  return report::PadRight(clipped + "…", width);
}

// --- events of few connections -----------------------------------------------

std::string StayText(const judge::Stay& stay, const tcp::Timeline& timeline) {
  const std::string state(Name(stay.state));
  if (stay.state == TcpState::kClosed) {
    const std::string cause = stay.entry ? stay.entry->cause : "";
    return cause.empty() ? state : state + ": " + cause;
  }
  if (!stay.exit) return state + " to the end";
  return state + " for " + Short(judge::LengthOf(stay, timeline).best);
}

void AddStays(const tcp::EndpointTimeline& endpoint, const Result& result,
              bool several, std::vector<Event>& events) {
  const auto& timeline = result.timeline;
  const auto stays = judge::StaysOf(endpoint);
  for (std::size_t n = 0; n < stays.size(); ++n) {
    const judge::Stay& stay = stays[n];
    const TimePoint at = stay.entry ? stay.entry->at : timeline.begin;
    const std::string who =
        endpoint.host + (several ? " " + endpoint.connection : "") + " ";
    const std::string key = endpoint.host + " " + endpoint.connection + " " +
                            std::string(Name(stay.state));
    const std::string time =
        report::PadLeft(Short(at - timeline.begin), kTimeWidth);
    events.push_back({at, key, time + "  " + who + StayText(stay, timeline),
                      endpoint.host, endpoint.connection, n});
  }
}

std::vector<Event> EventsOf(const Result& result) {
  const tcp::Timeline& timeline = result.timeline;
  std::vector<Event> events;
  for (const tcp::StepRecord& step : timeline.steps) {
    const std::string time =
        report::PadLeft(Short(step.begin - timeline.begin), kTimeWidth);
    events.push_back({step.begin, std::to_string(step.number),
                      time + "  · " + step.text, "", "", std::nullopt});
  }
  for (const tcp::EndpointTimeline& endpoint : timeline.endpoints) {
    AddStays(endpoint, result, timeline.endpoints.size() > 2, events);
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& x, const Event& y) { return x.at < y.at; });
  return events;
}

// --- events of a crowd -------------------------------------------------------

std::string RangeText(const judge::Interval& length) {
  if (length.low == length.high) return Short(length.best);
  return Short(length.low) + " to " + Short(length.high);
}

std::vector<Event> GroupsOf(const Behaviour& behaviour) {
  std::vector<Event> events;
  for (const Endpoint& group : behaviour.endpoints) {
    const std::string key =
        group.host + " " + group.connection + " " + PathText(group);
    const auto add = [&](const std::string& text, const std::string& detail,
                         std::optional<std::size_t> stay) {
      events.push_back(
          {{}, key + detail, text, group.host, group.connection, stay});
    };
    add(std::to_string(group.members.value) + " × " + group.host + " " +
            group.connection,
        "", std::nullopt);
    for (std::size_t n = 0; n < group.stays.size(); ++n) {
      const Stay& stay = group.stays[n];
      const std::string state(Name(stay.state));
      const bool gone = stay.state == TcpState::kClosed;
      add("    " + state + (gone ? "" : " for " + RangeText(stay.length)),
          std::to_string(n), n);
    }
  }
  return events;
}

// --- lines -------------------------------------------------------------------

bool IsOf(const Difference& difference, const Event& event, bool in_a) {
  const auto& stay = in_a ? difference.stay_a : difference.stay_b;
  return stay && stay == event.stay && difference.host == event.host &&
         difference.connection == event.connection;
}

struct Columns {
  const std::vector<Event> a;
  const std::vector<Event> b;
  const std::vector<Difference>& differences;

  // Events at one moment may come in either order: only what the other column
  // lacks altogether is a difference.
  bool Marked(const Aligned& pair) const {
    const Event& event = pair.a ? a[*pair.a] : b[*pair.b];
    const auto& other = pair.a ? b : a;
    const bool lacking =
        std::none_of(other.begin(), other.end(),
                     [&](const Event& e) { return e.key == event.key; });
    return lacking ||
           std::any_of(
               differences.begin(), differences.end(),
               [&](const Difference& difference) {
                 return (pair.a && IsOf(difference, a[*pair.a], true)) ||
                        (pair.b && IsOf(difference, b[*pair.b], false));
               });
  }
};

std::string Head(const Party& party, const std::string& letter) {
  const judge::Environment& environment = party.result.environment;
  return letter + ": " + party.name + ", Linux " + environment.kernel + " at " +
         std::to_string(environment.hz) + " Hz";
}

Columns ColumnsOf(const Party& a, const Party& b,
                  const std::vector<Difference>& differences) {
  const Behaviour in_a = Distill(a.result);
  const Behaviour in_b = Distill(b.result);
  if (in_a.IsCrowd() || in_b.IsCrowd()) {
    return {GroupsOf(in_a), GroupsOf(in_b), differences};
  }
  return {EventsOf(a.result), EventsOf(b.result), differences};
}

}  // namespace

std::string SideBySide(const Party& a, const Party& b,
                       const std::vector<Difference>& differences,
                       const report::Style& style) {
  using report::Color;
  const auto width =
      (static_cast<std::size_t>(std::max(style.width, 100)) - 5) / 2;
  const Columns columns = ColumnsOf(a, b, differences);
  const std::string head =
      "  " + Clip(Head(a, "A"), width) + " │ " + Clip(Head(b, "B"), width);
  std::string text = report::Paint(head, Color::kBold, style) + "\n";
  for (const Aligned& pair :
       AlignBy(columns.a, columns.b, [](const Event& e) { return e.key; })) {
    const bool marked = columns.Marked(pair);
    const std::string left = pair.a ? columns.a[*pair.a].text : "";
    const std::string right = pair.b ? columns.b[*pair.b].text : "";
    const std::string line =
        (marked ? "≠ " : "  ") + Clip(left, width) + " │ " + Clip(right, width);
    text += report::Paint(line, marked ? Color::kYellow : Color::kNone, style);
    text += "\n";
  }
  return text;
}

}  // namespace finwait::compare
