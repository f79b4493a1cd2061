#include "observe/endpoint_book.h"

#include <algorithm>

namespace finwait::observe {
namespace {

using tcp::TcpState;

constexpr std::uint8_t kControl = tcp::kSyn | tcp::kFin | tcp::kRst;

// After this long a change of state is complete in all its parts.
constexpr Duration kSettled = std::chrono::milliseconds(2);

// A look that comes long before a timer is due catches a socket that died
// before its time: the rest of the way is halved until it is a few jiffies.
// What is left reads 0 while the timer wheel's lateness elapses.
Duration UntilNextLook(Duration left, Duration poll_interval) {
  constexpr Duration kNear = std::chrono::milliseconds(10);
  if (left <= Duration::zero()) return poll_interval;
  return left > kNear ? left / 2 : left;
}

bool Is(const tcp::Packet& packet, std::uint8_t flags, std::uint8_t among) {
  return (packet.flags & among) == flags;
}

}  // namespace

EndpointBook::EndpointBook(TimePoint origin, Names names,
                           OnTransition on_transition)
    : origin_(origin),
      names_(std::move(names)),
      on_transition_(std::move(on_transition)) {}

std::optional<std::size_t> EndpointBook::OnSegment(const std::string& host,
                                                   bool sent,
                                                   const Segment& segment) {
  tcp::Packet packet = segment.packet;
  packet.sent = sent;
  const tcp::FourTuple tuple =
      sent ? tcp::FourTuple{segment.source, segment.destination}
           : tcp::FourTuple{segment.destination, segment.source};
  std::optional<std::size_t> endpoint = Find(host, tuple);
  const bool syn = Is(packet, tcp::kSyn, tcp::kSyn);
  if (!endpoint && !syn) return std::nullopt;
  if (!endpoint || BeginsAnew(*endpoint, sent, packet)) {
    // The client is who sent the SYN, or received the SYN|ACK.
    const bool client = sent == Is(packet, 0, tcp::kAck);
    endpoint = Start(host, tuple, names_.NameOf(host, tuple, client));
  }
  Record(endpoints_[*endpoint], packet);
  return trackers_[*endpoint].OnPacket(packet) ? endpoint : std::nullopt;
}

// A SYN for addresses whose last connection is over is another connection.
bool EndpointBook::BeginsAnew(std::size_t endpoint, bool sent,
                              const tcp::Packet& packet) const {
  if (!Is(packet, tcp::kSyn, tcp::kSyn)) return false;
  const EndpointTracker& tracker = trackers_[endpoint];
  if (tracker.finished()) return true;
  // TIME_WAIT may be cut short by the owner's new SYN, or by its acceptance
  // of the peer's (RFC 9293 section 3.6.1, MAY-2).
  return sent && tracker.supposed() == tcp::TcpState::kTimeWait;
}

std::optional<std::size_t> EndpointBook::Find(
    const std::string& host, const tcp::FourTuple& tuple) const {
  const auto found = current_.find({host, tuple});
  if (found == current_.end()) return std::nullopt;
  return found->second;
}

std::size_t EndpointBook::Open(const std::string& host,
                               const tcp::FourTuple& tuple) {
  if (const auto found = Find(host, tuple)) return *found;
  return Start(host, tuple, names_.NameOf(host, tuple, /*client=*/true));
}

std::size_t EndpointBook::Start(const std::string& host,
                                const tcp::FourTuple& tuple,
                                const std::string& name) {
  const std::size_t endpoint = endpoints_.size();
  tcp::EndpointTimeline& endpoint_timeline = endpoints_.emplace_back();
  endpoint_timeline.host = host;
  endpoint_timeline.connection = name;
  endpoint_timeline.tuple = tuple;
  trackers_.emplace_back(origin_);
  if (queued_.count(host) != 0) trackers_.back().ExpectQueue();
  current_[{host, tuple}] = endpoint;
  return endpoint;
}

bool EndpointBook::in_doubt() const {
  return std::any_of(
      trackers_.begin(), trackers_.end(),
      [](const EndpointTracker& tracker) { return tracker.in_doubt(); });
}

void EndpointBook::Rename(std::size_t endpoint, const std::string& name) {
  endpoints_[endpoint].connection = name;
}

void EndpointBook::OnCall(std::size_t endpoint, TimePoint begin) {
  trackers_[endpoint].OnCall(begin);
}

void EndpointBook::ExpectQueue(const std::string& host) {
  queued_.insert(host);
  for (std::size_t n = 0; n < endpoints_.size(); ++n) {
    if (endpoints_[n].host == host) trackers_[n].ExpectQueue();
  }
}

void EndpointBook::Record(tcp::EndpointTimeline& endpoint,
                          const tcp::Packet& packet) {
  const bool control = (packet.flags & kControl) != 0;
  if (control || endpoint.packets.size() < kPacketsKept) {
    endpoint.packets.push_back(packet);
  } else {
    ++endpoint.packets_not_kept;
  }
}

std::optional<TimePoint> EndpointBook::OnSample(std::size_t endpoint,
                                                const tcp::Sample& sample,
                                                Duration poll_interval) {
  EndpointTracker& tracker = trackers_[endpoint];
  if (tracker.finished()) return std::nullopt;
  if (sample.facts && sample.facts->cookie != 0) {
    endpoints_[endpoint].cookie = sample.facts->cookie;
  }
  const TcpState before = tracker.state();
  const EndpointTracker::Answer answer = tracker.OnSample(sample);
  Publish(endpoint);
  if (answer == EndpointTracker::Answer::kTooEarly) {
    return sample.after + EndpointTracker::PauseBefore(tracker.doubts());
  }
  // What a socket is right after a change may be gone a moment later: an
  // orphan in FIN_WAIT2 is still a full socket while close() returns.
  if (sample.facts && tracker.state() != before) return sample.after + kSettled;
  if (!sample.facts || sample.facts->timer == tcp::TimerKind::kOff) {
    return std::nullopt;
  }
  return sample.after + UntilNextLook(sample.facts->expires, poll_interval);
}

void EndpointBook::Publish(std::size_t endpoint) {
  tcp::EndpointTimeline& timeline = endpoints_[endpoint];
  const EndpointTracker& tracker = trackers_[endpoint];
  const std::size_t known = timeline.transitions.size();
  timeline.hole = tracker.hole();
  timeline.samples = tracker.samples();
  // A call may have told more exactly when the first one was.
  timeline.transitions = tracker.transitions();
  if (!on_transition_) return;
  for (std::size_t n = known; n < timeline.transitions.size(); ++n) {
    on_transition_(timeline, timeline.transitions[n]);
  }
}

}  // namespace finwait::observe
