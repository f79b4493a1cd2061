// What the sockets did, of everything that was seen of them.
#include "compare/distill_endpoints.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "compare/resolution.h"
#include "compare/segments.h"
#include "judge/armed.h"
#include "tcp/linux_timing.h"

namespace finwait::compare {
namespace {

using judge::Result;
using tcp::EndpointTimeline;
using tcp::TcpState;
using tcp::Timeline;

// As many as a report tells line by line: 16 connections with two ends.
constexpr std::size_t kCrowd = 32;

// --- stays -------------------------------------------------------------------

// Words for "nobody saw why", which depend on who looked and not on the kernel.
std::string KnownCause(const tcp::Transition* entry) {
  static const std::set<std::string> kVague = {
      "close() or shutdown()", "not observed", "seen by sock_diag",
      "no segment", "another connection"};
  if (!entry || kVague.count(entry->cause) > 0) return "";
  return entry->cause;
}

bool EndedByTimer(const judge::Stay& stay, const judge::ArmedTimer& last) {
  static const std::set<std::string> kTimers = {
      "timewait timer", "keepalive timer", "retransmission gave up",
      "window probes gave up"};
  if (!stay.exit) return false;
  return kTimers.count(stay.exit->cause) > 0 || last.fired != nullptr;
}

// Before close() a socket without a process is one that nobody has accepted
// yet, which is up to the programs.
bool MayBeOrphan(TcpState state) {
  return state == TcpState::kFinWait1 || state == TcpState::kFinWait2 ||
         state == TcpState::kClosing || state == TcpState::kLastAck;
}

void Look(const judge::Stay& from, const EndpointTimeline& endpoint, Stay& to) {
  for (const tcp::Sample* sample : judge::SamplesIn(from, endpoint)) {
    if (MayBeOrphan(to.state)) to.orphan = sample->facts->inode == 0;
    const tcp::TimerKind kind = sample->facts->timer;
    if (kind == tcp::TimerKind::kOff) continue;
    if (to.timer_kinds.empty() || to.timer_kinds.back() != kind) {
      to.timer_kinds.push_back(kind);
    }
  }
}

// When anything last happened to the socket in a stay that has ended.
TimePoint LastEvent(const judge::Stay& stay, const EndpointTimeline& endpoint,
                    const Timeline& timeline) {
  TimePoint last = stay.entry ? stay.entry->at : timeline.begin;
  const TimePoint begin = stay.entry ? stay.entry->latest : last;
  const auto note = [&](TimePoint at) {
    if (begin < at && at < stay.exit->earliest) last = std::max(last, at);
  };
  for (const tcp::Packet& packet : endpoint.packets) note(packet.at);
  for (const tcp::StepRecord& step : timeline.steps) {
    const bool about =
        step.host == endpoint.host && step.connection == endpoint.connection;
    if (about) note(step.begin);
  }
  return last;
}

judge::Interval WholeLength(const judge::Stay& stay, const Timeline& timeline) {
  if (stay.state == TcpState::kClosed) return {};
  judge::Interval length = judge::LengthOf(stay, timeline);
  length.low = Rounded(length.low);
  length.best = Rounded(length.best);
  length.high = Rounded(length.high);
  return length;
}

Stay StayOf(const judge::Stay& from, const EndpointTimeline& endpoint,
            const Timeline& timeline) {
  Stay to{.state = from.state, .cause = KnownCause(from.entry)};
  if (from.state == TcpState::kClosed) return to;
  Look(from, endpoint, to);
  to.length = WholeLength(from, timeline);
  const judge::ArmedTimer last = judge::LastTimer(from, endpoint);
  if (!EndedByTimer(from, last)) return to;
  // FIN_WAIT2 beyond 60 s has two timers, one after the other.
  to.timers = static_cast<int>(std::max(to.timer_kinds.size(), std::size_t{1}));
  const TimePoint last_event = LastEvent(from, endpoint, timeline);
  if (from.entry && last_event > from.entry->at) {
    to.silence = Rounded(from.exit->at - last_event);
  }
  if (last.armed) to.armed = judge::RequestedLength(*last.armed);
  return to;
}

// --- endpoints ---------------------------------------------------------------

// Or else its numbers are those of the moment at which it was looked at.
bool IsAtRest(const tcp::TcpInfo& info) {
  return info.backoff == 0 && info.retransmits == 0 && info.probes == 0;
}

// As an opening socket has nothing agreed on yet, it is asked only where it
// never got further.
std::optional<tcp::TcpInfo> InfoOf(const EndpointTimeline& endpoint) {
  std::optional<tcp::TcpInfo> info;
  for (const tcp::Sample& sample : endpoint.samples) {
    const TcpState state = tcp::StateOf(sample);
    const bool opening =
        state == TcpState::kSynSent || state == TcpState::kSynRecv;
    const bool further = endpoint.transitions.size() > 2;
    if (!sample.facts || !sample.facts->info || (opening && further)) continue;
    if (IsAtRest(*sample.facts->info)) info = sample.facts->info;
  }
  return info;
}

void AddInfo(const EndpointTimeline& from, Endpoint& to) {
  const auto info = InfoOf(from);
  if (!info) return;
  to.rto = Rounded(info->rto);
  to.info = {{"snd_mss", {info->snd_mss}}};
}

// The kernel arms its timers with whole jiffies, somewhere between two.
Duration NearestJiffies(Duration duration, int hz) {
  return Rounded(
      tcp::FromJiffies(tcp::ToJiffies(duration - tcp::Jiffy(hz) / 2, hz), hz));
}

Endpoint EndpointOf(const EndpointTimeline& from, const Result& result) {
  const std::vector<Passage> passages = PassagesOf(from);
  Endpoint to{.host = from.host, .connection = from.connection};
  for (const judge::Stay& stay : judge::StaysOf(from)) {
    Stay& added = to.stays.emplace_back(StayOf(stay, from, result.timeline));
    if (!added.armed) continue;
    added.armed = NearestJiffies(*added.armed, result.environment.hz);
  }
  to.segments = SegmentsOf(from, passages);
  to.totals = TotalsOf(from, passages);
  AddInfo(from, to);
  return to;
}

// "#12" after "#3": names of connections in the order of their numbers.
auto OrderOf(const Endpoint& endpoint) {
  const auto mark = endpoint.connection.rfind('#');
  const std::string stem = endpoint.connection.substr(0, mark);
  const std::size_t digits =
      mark == std::string::npos ? 0 : endpoint.connection.size() - mark;
  return std::tuple(stem, digits, endpoint.connection, endpoint.host);
}

// --- crowds ------------------------------------------------------------------

std::string Stem(const std::string& connection) {
  const auto mark = connection.rfind('#');
  return connection.substr(0, mark == std::string::npos ? mark : mark + 1);
}

using Path = std::vector<TcpState>;
using GroupKey = std::tuple<std::string, std::string, Path>;

GroupKey KeyOf(const Endpoint& endpoint) {
  Path path;
  for (const Stay& stay : endpoint.stays) path.push_back(stay.state);
  return {Stem(endpoint.connection), endpoint.host, path};
}

judge::Interval Spanned(const std::vector<Endpoint>& members, std::size_t n) {
  judge::Interval span = members.front().stays[n].length;
  std::vector<Duration> lengths;
  for (const Endpoint& member : members) {
    const judge::Interval& length = member.stays[n].length;
    span.low = std::min(span.low, length.low);
    span.high = std::max(span.high, length.high);
    lengths.push_back(length.best);
  }
  const auto middle =
      lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
  std::nth_element(lengths.begin(), middle, lengths.end());
  span.best = *middle;
  return span;
}

// What all members have in common, or the range that they span.
Stay Common(const std::vector<Endpoint>& members, std::size_t n) {
  Stay common = members.front().stays[n];
  common.length = Spanned(members, n);
  for (const Endpoint& member : members) {
    const Stay& stay = member.stays[n];
    if (stay.cause != common.cause) common.cause.clear();
    if (stay.orphan != common.orphan) common.orphan.reset();
    if (stay.armed != common.armed) common.armed.reset();
    common.timers = std::min(common.timers, stay.timers);
  }
  common.silence.reset();
  common.timer_kinds.clear();  // each one was looked at another moment
  return common;
}

Endpoint Group(const std::vector<Endpoint>& members) {
  Endpoint group{.host = members.front().host,
                 .connection = Stem(members.front().connection)};
  group.members.value = static_cast<std::int64_t>(members.size());
  for (std::size_t n = 0; n < members.front().stays.size(); ++n) {
    group.stays.push_back(Common(members, n));
  }
  for (const Endpoint& member : members) {
    for (const Segment& segment : member.segments) {
      ++group.totals[KindOf(segment)].value;
    }
  }
  return group;
}

std::vector<Endpoint> Grouped(const std::vector<Endpoint>& endpoints) {
  std::map<GroupKey, std::vector<Endpoint>> groups;
  for (const Endpoint& endpoint : endpoints) {
    groups[KeyOf(endpoint)].push_back(endpoint);
  }
  std::vector<Endpoint> grouped;
  for (const auto& [key, members] : groups) grouped.push_back(Group(members));
  return grouped;
}

}  // namespace

bool Behaviour::IsCrowd() const {
  std::int64_t sum = 0;
  for (const Endpoint& endpoint : endpoints) sum += endpoint.members.value;
  return sum > static_cast<std::int64_t>(kCrowd);
}

std::vector<Endpoint> EndpointsOf(const Result& result) {
  std::vector<Endpoint> endpoints;
  for (const EndpointTimeline& endpoint : result.timeline.endpoints) {
    endpoints.push_back(EndpointOf(endpoint, result));
  }
  if (endpoints.size() > kCrowd) return Grouped(endpoints);
  std::stable_sort(endpoints.begin(), endpoints.end(),
                   [](const Endpoint& a, const Endpoint& b) {
                     return OrderOf(a) < OrderOf(b);
                   });
  return endpoints;
}

}  // namespace finwait::compare
