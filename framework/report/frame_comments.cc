// Finds the frame that each transition and step belongs to.
#include "report/frame_comments.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/units.h"

namespace finwait::report {
namespace {

using tcp::EndpointTimeline;
using tcp::Frame;
using tcp::Packet;
using tcp::Timeline;
using tcp::Transition;

// Packets are stamped by the wall clock and converted, kernel events are not:
// cause and effect a microsecond apart may be told in the wrong order.
constexpr Duration kClockSlack = std::chrono::microseconds(100);

// Indices into Timeline::frames, in the order of time.
using Indices = std::vector<std::size_t>;

// The segment that a cause like "received ACK of FIN" names.
struct Named {
  bool sent = false;
  std::uint8_t flags = 0;
};

std::uint8_t FlagsOf(std::string_view names) {
  std::uint8_t flags = 0;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find('|'), names.size());
    for (unsigned flag = tcp::kFin; flag <= tcp::kCwr; flag <<= 1) {
      const auto one = static_cast<std::uint8_t>(flag);
      if (tcp::FlagNames(one) == names.substr(0, end)) flags |= one;
    }
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return flags;
}

std::optional<Named> SegmentIn(std::string_view cause) {
  for (const bool sent : {true, false}) {
    const std::string_view verb = sent ? "sent " : "received ";
    if (!cause.starts_with(verb)) continue;
    const std::string_view rest = cause.substr(verb.size());
    const std::uint8_t flags = FlagsOf(rest.substr(0, rest.find(' ')));
    if (flags != 0) return Named{sent, flags};
  }
  return std::nullopt;
}

// The segment of that kind which is closest to the transition and may have
// been its cause: none is received after what it does, nor sent before.
const Packet* PacketOf(const Transition& transition,
                       const EndpointTimeline& endpoint) {
  const auto named = SegmentIn(transition.cause);
  if (!named) return nullptr;
  const Packet* closest = nullptr;
  for (const Packet& packet : endpoint.packets) {
    const bool possible = packet.sent
                              ? packet.at >= transition.earliest - kClockSlack
                              : packet.at <= transition.latest + kClockSlack;
    const bool alike = packet.sent == named->sent &&
                       (packet.flags & named->flags) == named->flags;
    if (!possible || !alike) continue;
    const auto distance = [&](const Packet& one) {
      return std::chrono::abs(one.at - transition.at);
    };
    if (!closest || distance(packet) < distance(*closest)) closest = &packet;
  }
  return closest;
}

std::string HostOf(const std::string& interface) {
  return interface.substr(0, interface.rfind(':'));
}

// Looks frames up by host and time. Refers to the timeline.
class FrameIndex {
 public:
  explicit FrameIndex(const Timeline& timeline) : timeline_(timeline) {
    std::vector<Indices*> of_interface;
    for (const std::string& interface : timeline.interfaces) {
      of_interface.push_back(&by_host_[HostOf(interface)]);
    }
    for (std::size_t n = 0; n < timeline.frames.size(); ++n) {
      of_interface[timeline.frames[n].interface]->push_back(n);
      all_.push_back(n);
    }
  }

  // The host's first frame at or after `at`, or else its last.
  std::size_t From(const std::string& host, TimePoint at) const {
    const Indices& frames = FramesOf(host);
    const auto first = NotBefore(frames, at);
    return first == frames.end() ? frames.back() : *first;
  }

  // The host's last frame at or before `at`, or else its first.
  std::size_t UpTo(const std::string& host, TimePoint at) const {
    const Indices& frames = FramesOf(host);
    const auto after = NotBefore(frames, at + Duration(1));
    return after == frames.begin() ? frames.front() : *std::prev(after);
  }

 private:
  // Those of everybody where there are none of that host.
  const Indices& FramesOf(const std::string& host) const {
    const auto found = by_host_.find(host);
    const bool some = found != by_host_.end() && !found->second.empty();
    return some ? found->second : all_;
  }

  Indices::const_iterator NotBefore(const Indices& frames, TimePoint at) const {
    return std::lower_bound(frames.begin(), frames.end(), at,
                            [this](std::size_t n, TimePoint time) {
                              return timeline_.frames[n].at < time;
                            });
  }

  const Timeline& timeline_;
  std::map<std::string, Indices> by_host_;
  Indices all_;
};

// A comment to be: where, and when what it tells happened.
struct Remark {
  std::size_t frame = 0;
  TimePoint at;
  std::string text;
};

std::string ChangeText(const EndpointTimeline& endpoint,
                       const Transition& transition) {
  std::string text = endpoint.host + " " + endpoint.connection + ": ";
  if (transition.from != tcp::TcpState::kClosed) {
    text.append(Name(transition.from)).append(" > ");
  }
  text.append(Name(transition.to));
  return transition.cause.empty() ? text : text + " (" + transition.cause + ")";
}

// How far `at` is from the frame that stands for it.
std::string DistanceText(TimePoint at, const Frame& frame) {
  if (at == frame.at) return "";
  const bool later = at > frame.at;
  const Duration distance = later ? at - frame.at : frame.at - at;
  return Format(distance) + (later ? " later" : " before");
}

std::string AtADistance(const std::string& distance, const std::string& text) {
  return distance.empty() ? text : distance + ": " + text;
}

Remark RemarkOn(const Transition& transition, const EndpointTimeline& endpoint,
                const Timeline& timeline, const FrameIndex& index) {
  const std::string text = ChangeText(endpoint, transition);
  if (const Packet* packet = PacketOf(transition, endpoint)) {
    const std::size_t frame = index.UpTo(endpoint.host, packet->at);
    if (timeline.frames[frame].at == packet->at) {
      return {frame, transition.at, text};
    }
  }
  const std::size_t frame = index.UpTo(endpoint.host, transition.at);
  const std::string distance =
      DistanceText(transition.at, timeline.frames[frame]);
  return {frame, transition.at, AtADistance(distance, text)};
}

Remark RemarkOn(const tcp::StepRecord& step, const Timeline& timeline,
                const FrameIndex& index) {
  const std::size_t frame = index.From(step.host, step.begin);
  const std::string distance = DistanceText(step.begin, timeline.frames[frame]);
  const std::string text = "step " + std::to_string(step.number) + ": ";
  return {frame, step.begin, AtADistance(distance, text + step.text)};
}

std::vector<Remark> RemarksOn(const Timeline& timeline) {
  const FrameIndex index(timeline);
  std::vector<Remark> remarks;
  for (const tcp::StepRecord& step : timeline.steps) {
    remarks.push_back(RemarkOn(step, timeline, index));
  }
  for (const EndpointTimeline& endpoint : timeline.endpoints) {
    for (const Transition& transition : endpoint.transitions) {
      remarks.push_back(RemarkOn(transition, endpoint, timeline, index));
    }
  }
  return remarks;
}

}  // namespace

FrameComments CommentsOf(const Timeline& timeline) {
  FrameComments comments;
  if (timeline.frames.empty()) return comments;
  std::vector<Remark> remarks = RemarksOn(timeline);
  std::stable_sort(
      remarks.begin(), remarks.end(),
      [](const Remark& a, const Remark& b) { return a.at < b.at; });
  for (Remark& remark : remarks) {
    comments[remark.frame].push_back(std::move(remark.text));
  }
  return comments;
}

}  // namespace finwait::report
