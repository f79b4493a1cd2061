#include "observe/endpoint_book.h"

#include <algorithm>

namespace finwait::observe {
namespace {

using tcp::TcpState;

constexpr std::uint8_t kControl = tcp::kSyn | tcp::kFin | tcp::kRst;

// After this long a change of state is complete in all its parts.
constexpr Duration kSettled = std::chrono::milliseconds(2);

// The last look before a timer is told to fire.
constexpr Duration kPollBeforeSlot = std::chrono::milliseconds(1);

// What one look takes, when all endpoints are to be looked at just before the
// tick that fires their timers, and what it takes to begin with the first one:
// in virtual time, where every reading of the clock takes 1/4 us.
constexpr Duration kLookLength = std::chrono::microseconds(2);
constexpr Duration kLeastMargin = std::chrono::microseconds(100);

// A look that comes long before a timer is due catches a socket that died
// before its time: the rest of the way is halved until it is a few jiffies.
// What is left reads 0 while the timer wheel's lateness elapses.
Duration UntilNextLook(Duration left, Duration poll_interval) {
  constexpr Duration kNear = std::chrono::milliseconds(10);
  if (left <= Duration::zero()) return poll_interval;
  return left > kNear ? left / 2 : left;
}

// How long what has ended is remembered: sources tell of it one after another.
constexpr Duration kMemory = std::chrono::seconds(1);

// The timer of a full socket is looked at no more often by who forgets: it is
// armed again and again as long as there is traffic, and its end is told.
constexpr Duration kPause = std::chrono::seconds(1);

bool IsLike(const Segment& a, const Segment& b) {
  return a.source == b.source && a.destination == b.destination &&
         a.packet.flags == b.packet.flags && a.packet.seq == b.packet.seq &&
         a.packet.ack == b.packet.ack && a.packet.length == b.packet.length;
}

bool Is(const tcp::Packet& packet, std::uint8_t flags, std::uint8_t among) {
  return (packet.flags & among) == flags;
}

// Does `syn` open another connection than the SYNs before it? Repeats of one
// have its number.
bool OpensAnother(const tcp::Packet& syn,
                  const std::vector<tcp::Packet>& before) {
  constexpr std::uint8_t kOpening = tcp::kSyn | tcp::kAck;
  return Is(syn, tcp::kSyn, kOpening) &&
         std::ranges::any_of(before, [&](const tcp::Packet& packet) {
           return packet.sent == syn.sent && packet.seq != syn.seq &&
                  Is(packet, tcp::kSyn, kOpening);
         });
}

}  // namespace

EndpointBook::EndpointBook(TimePoint origin, Names names,
                           OnTransition on_transition, bool forget)
    : origin_(origin),
      names_(std::move(names)),
      on_transition_(std::move(on_transition)),
      forget_(forget) {}

std::optional<std::size_t> EndpointBook::OnSegment(const std::string& host,
                                                   bool sent,
                                                   const Segment& segment) {
  if (sent && TakeCrafted(host, segment)) return std::nullopt;
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
    if (endpoint) EndBefore(*endpoint, packet);
    endpoint = Start(host, tuple, names_.NameOf(host, tuple, client));
  }
  Record(endpoints_[*endpoint], packet);
  touched_.push_back(*endpoint);
  return trackers_[*endpoint].OnPacket(packet) ? endpoint : std::nullopt;
}

// A SYN for addresses whose last connection is over, or was never taken, is
// another connection.
bool EndpointBook::BeginsAnew(std::size_t endpoint, bool sent,
                              const tcp::Packet& packet) const {
  if (!Is(packet, tcp::kSyn, tcp::kSyn)) return false;
  const EndpointTracker& tracker = trackers_[endpoint];
  if (tracker.finished()) return tracker.ended_before(packet.at);
  if (tracker.blank())
    return OpensAnother(packet, endpoints_[endpoint].packets);
  // TIME_WAIT may be cut short by the owner's new SYN, or by its acceptance
  // of the peer's (RFC 9293 section 3.6.1, MAY-2).
  return sent && (tracker.supposed() == tcp::TcpState::kTimeWait ||
                  tracker.IsOverBy(packet));
}

// A look that comes now finds the new socket.
void EndpointBook::EndBefore(std::size_t endpoint, const tcp::Packet& syn) {
  if (!trackers_[endpoint].IsOverBy(syn)) return;
  trackers_[endpoint].EndBy(syn);
  touched_.push_back(endpoint);
}

std::optional<std::size_t> EndpointBook::OnEvent(const Event& event) {
  // Listening sockets and those whose port is not chosen yet are no endpoints;
  // a copy of a listening socket takes the place of a request that is known.
  if (event.tuple.local.port == 0 || event.tuple.remote.port == 0 ||
      event.from == TcpState::kListen) {
    return std::nullopt;
  }
  const std::size_t endpoint = EndpointOf(event);
  if (event.cookie != 0) endpoints_[endpoint].cookie = event.cookie;
  touched_.push_back(endpoint);
  const bool look = trackers_[endpoint].OnEvent(event);
  return look ? std::optional(endpoint) : std::nullopt;
}

std::size_t EndpointBook::EndpointOf(const Event& event) {
  const std::string host(event.host);
  const auto known = Find(host, event.tuple);
  const bool request = event.kind == Event::Kind::kTimerArmed &&
                       event.state == TcpState::kSynRecv;
  const bool connect = event.to == TcpState::kSynSent;
  if (known && !((request || connect) && BeginsAnew(*known, event))) {
    return *known;
  }
  const bool child = event.from == TcpState::kSynRecv;
  const std::string name =
      names_.NameOf(host, event.tuple, /*client=*/!request && !child);
  if (request || connect || child) return Start(host, event.tuple, name);
  const bool timer = event.kind != Event::Kind::kTransition;
  return Start(host, event.tuple, name, timer ? event.state : event.from);
}

// Only a socket that is not there yet can connect, or be asked to.
bool EndpointBook::BeginsAnew(std::size_t endpoint, const Event& event) const {
  const EndpointTracker& tracker = trackers_[endpoint];
  if (tracker.finished()) return tracker.ended_before(event.at);
  const TcpState now = tracker.state();
  return !tracker.blank() && now != TcpState::kSynSent &&
         now != TcpState::kSynRecv;
}

std::size_t EndpointBook::Adopt(const std::string& host,
                                const tcp::FourTuple& tuple, TcpState state,
                                const std::string& hole) {
  const std::size_t endpoint =
      Start(host, tuple, names_.NameOf(host, tuple, /*client=*/true), state);
  endpoints_[endpoint].hole = hole;
  return endpoint;
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
                                const std::string& name, TcpState initial) {
  const std::size_t endpoint = TakePlace();
  tcp::EndpointTimeline& endpoint_timeline = endpoints_[endpoint];
  endpoint_timeline.host = host;
  endpoint_timeline.connection = name;
  endpoint_timeline.tuple = tuple;
  endpoint_timeline.initial = initial;
  trackers_[endpoint] = EndpointTracker(origin_, initial);
  forecasts_[endpoint] = SlotForecast();
  if (queued_.count(host) != 0) trackers_[endpoint].ExpectQueue();
  current_[{host, tuple}] = endpoint;
  return endpoint;
}

std::size_t EndpointBook::TakePlace() {
  if (!free_.empty()) return free_.extract(free_.begin()).value();
  endpoints_.emplace_back();
  trackers_.emplace_back(origin_);
  forecasts_.emplace_back();
  return endpoints_.size() - 1;
}

void EndpointBook::ForgetFinished(TimePoint now) {
  if (!forget_ || now < next_forgetting_) return;
  next_forgetting_ = now + kMemory / 4;
  std::erase_if(over_, [&](std::size_t endpoint) {
    if (!IsOver(endpoint, now - kMemory)) return false;
    Forget(endpoint);
    return true;
  });
}

// Of a SYN that nobody answered, or with RST, no socket ever was.
bool EndpointBook::IsOver(std::size_t endpoint, TimePoint before) const {
  const EndpointTracker& tracker = trackers_[endpoint];
  if (!tracker.blank()) return tracker.ended_before(before);
  const auto& packets = endpoints_[endpoint].packets;
  return !tracker.in_doubt() && (packets.empty() || packets.back().at < before);
}

void EndpointBook::Forget(std::size_t endpoint) {
  const Key key{endpoints_[endpoint].host, endpoints_[endpoint].tuple};
  const auto current = current_.find(key);
  if (current != current_.end() && current->second == endpoint) {
    current_.erase(current);
    names_.Forget(key.second);
  }
  endpoints_[endpoint] = {};
  trackers_[endpoint] = EndpointTracker(origin_);
  free_.insert(endpoint);
}

std::vector<tcp::EndpointTimeline> EndpointBook::Take() {
  std::size_t n = 0;
  std::erase_if(endpoints_, [&](const tcp::EndpointTimeline&) {
    return free_.contains(n++);
  });
  return std::move(endpoints_);
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

void EndpointBook::ExpectCrafted(const std::string& host,
                                 const Segment& segment) {
  crafted_.emplace_back(host, segment);
}

bool EndpointBook::TakeCrafted(const std::string& host,
                               const Segment& segment) {
  const auto found =
      std::find_if(crafted_.begin(), crafted_.end(), [&](const auto& crafted) {
        return crafted.first == host && IsLike(crafted.second, segment);
      });
  if (found == crafted_.end()) return false;
  crafted_.erase(found);
  return true;
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
  const std::size_t room = forget_ ? 0 : kPacketsKept;
  if (control || endpoint.packets.size() < room) {
    endpoint.packets.push_back(packet);
  } else {
    ++endpoint.packets_not_kept;
  }
}

// Its addresses may belong to a new connection by now.
tcp::Sample EndpointBook::OfThisSocket(std::size_t endpoint,
                                       tcp::Sample sample) const {
  const TcpState state = trackers_[endpoint].supposed();
  const bool replaceable =
      state == TcpState::kTimeWait || state == TcpState::kFinWait2;
  const std::uint64_t cookie = endpoints_[endpoint].cookie;
  if (replaceable && sample.facts && sample.facts->cookie != cookie &&
      cookie != 0) {
    sample.facts.reset();
  }
  return sample;
}

std::optional<TimePoint> EndpointBook::OnSample(std::size_t endpoint,
                                                const tcp::Sample& look,
                                                Duration poll_interval) {
  EndpointTracker& tracker = trackers_[endpoint];
  if (tracker.finished()) return std::nullopt;
  const tcp::Sample sample = OfThisSocket(endpoint, look);
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
  // orphan in FIN_WAIT2 is still a full socket while close() returns, and has
  // no timer in SYN_SENT before the SYN is sent.
  const bool fresh =
      tracker.state() != before || sample.before < tracker.since() + kSettled;
  if (sample.facts && fresh) return sample.after + kSettled;
  if (!sample.facts || sample.facts->timer == tcp::TimerKind::kOff) {
    return std::nullopt;
  }
  return NextLook(endpoint, sample, poll_interval);
}

// The kernel has told when the timer will fire, and will tell when it does:
// one look shortly before, and some after, are for the case that it does not.
TimePoint EndpointBook::NextLook(std::size_t endpoint,
                                 const tcp::Sample& sample,
                                 Duration poll_interval) {
  const Duration left = sample.facts->expires;
  const auto slot = trackers_[endpoint].slot();
  if (const auto tick = Forecast(endpoint, sample); tick && !slot) {
    const Duration margin = kLookLength * endpoints_.size();
    return LookAround(*tick, sample.after, std::max(margin, kLeastMargin));
  }
  if (left <= Duration::zero() && sample.facts->minisock() && slot) {
    return std::max(sample.after + poll_interval, *slot - kPollBeforeSlot);
  }
  const TimePoint next = sample.after + UntilNextLook(left, poll_interval);
  const bool pause = forget_ && !sample.facts->minisock();
  return pause ? std::max(next, sample.after + kPause) : next;
}

std::optional<TimePoint> EndpointBook::Forecast(std::size_t endpoint,
                                                const tcp::Sample& sample) {
  if (!jiffies_) return std::nullopt;
  return forecasts_[endpoint].OnLook(sample, *jiffies_);
}

void EndpointBook::PublishTouched() {
  std::sort(touched_.begin(), touched_.end());
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  for (const std::size_t endpoint : touched_) Publish(endpoint);
  touched_.clear();
}

void EndpointBook::Publish(std::size_t endpoint) {
  tcp::EndpointTimeline& timeline = endpoints_[endpoint];
  EndpointTracker& tracker = trackers_[endpoint];
  if (forget_) tracker.ForgetOldLooks();
  if (forget_ && (tracker.finished() || tracker.blank())) {
    over_.insert(endpoint);
  }
  const std::size_t known = timeline.transitions.size();
  if (!tracker.hole().empty()) timeline.hole = tracker.hole();
  timeline.samples = tracker.samples();
  timeline.timers = tracker.timers();
  // A call may have told more exactly when the first one was.
  timeline.transitions = tracker.transitions();
  if (!on_transition_) return;
  for (std::size_t n = known; n < timeline.transitions.size(); ++n) {
    on_transition_(timeline, timeline.transitions[n]);
  }
}

}  // namespace finwait::observe
