// Cuts transitions into stays.
#include "judge/stay.h"

#include <algorithm>

namespace finwait::judge {
namespace {

using tcp::EndpointTimeline;
using tcp::TcpState;
using tcp::Transition;

// A child socket is cloned from its listener: that LISTEN is not its own.
bool BeginsHere(const Transition& first) {
  return first.from == TcpState::kClosed ||
         (first.from == TcpState::kListen && first.to == TcpState::kSynRecv);
}

}  // namespace

std::vector<Stay> StaysOf(const EndpointTimeline& endpoint) {
  std::vector<Stay> stays;
  for (const Transition& transition : endpoint.transitions) {
    if (!stays.empty()) {
      stays.back().exit = &transition;
    } else if (!BeginsHere(transition)) {
      stays.push_back({transition.from, nullptr, &transition});
    }
    stays.push_back({transition.to, &transition, nullptr});
  }
  const bool there = endpoint.initial != TcpState::kClosed;
  if (stays.empty() && there) stays.push_back({endpoint.initial});
  return stays;
}

const Stay* FindStay(const std::vector<Stay>& stays, TcpState state,
                     int occurrence) {
  for (const Stay& stay : stays) {
    if (stay.state == state && --occurrence == 0) return &stay;
  }
  return nullptr;
}

std::vector<TcpState> PathOf(const std::vector<Stay>& stays) {
  std::vector<TcpState> path;
  for (const Stay& stay : stays) path.push_back(stay.state);
  return path;
}

Interval LengthOf(const Stay& stay, const tcp::Timeline& timeline) {
  TimePoint begin = timeline.begin;
  Transition from{.at = begin, .earliest = begin, .latest = begin};
  if (stay.entry) from = *stay.entry;
  TimePoint end = timeline.end;
  Transition to{.at = end, .earliest = end, .latest = end};
  if (stay.exit) to = *stay.exit;
  Interval length;
  length.low = std::max(to.earliest - from.latest, Duration::zero());
  length.best = std::max(to.at - from.at, Duration::zero());
  length.high = std::max(to.latest - from.earliest, Duration::zero());
  length.open = stay.exit == nullptr;
  return length;
}

namespace {

// Was the first look in the middle of the change? Until close() returns, a
// socket still has its owner, its timer is not armed before the SYN or FIN has
// been sent, and an orphan in FIN_WAIT2 may be a full socket with a keepalive
// timer before it becomes a minisock (Linux: net/ipv4/tcp.c __tcp_close();
// tcp_output.c tcp_connect(), tcp_send_fin(); tcp_input.c
// tcp_rcv_state_process(), "Bad case").
bool IsPassing(const Stay& stay,
               const std::vector<const tcp::Sample*>& samples) {
  // As long as a busy machine may keep it from going on.
  constexpr Duration kChange = std::chrono::milliseconds(20);
  if (samples.size() < 2 || !stay.entry) return false;
  const bool at_once = samples[0]->before < stay.entry->latest + kChange;
  const tcp::SocketFacts& first = *samples[0]->facts;
  const tcp::SocketFacts& second = *samples[1]->facts;
  const bool unarmed = first.timer == tcp::TimerKind::kOff &&
                       second.timer != tcp::TimerKind::kOff;
  const bool orphaned = first.inode != 0 && second.inode == 0;
  return at_once &&
         (unarmed || orphaned || (!first.minisock() && second.minisock()));
}

}  // namespace

std::vector<const tcp::Sample*> SamplesIn(const Stay& stay,
                                          const EndpointTimeline& endpoint) {
  // The look that revealed a transition overlaps its interval, so it is the
  // state it reports, not containment, that says where it belongs.
  std::vector<const tcp::Sample*> found;
  for (const tcp::Sample& sample : endpoint.samples) {
    bool early = stay.entry && sample.after < stay.entry->earliest;
    bool late = stay.exit && sample.before > stay.exit->latest;
    if (sample.facts && sample.facts->state == stay.state && !early && !late) {
      found.push_back(&sample);
    }
  }
  if (IsPassing(stay, found)) found.erase(found.begin());
  return found;
}

std::optional<tcp::TcpInfo> LastInfo(const EndpointTimeline& endpoint) {
  std::optional<tcp::TcpInfo> info;
  for (const tcp::Sample& sample : endpoint.samples) {
    if (sample.facts && sample.facts->info) info = sample.facts->info;
  }
  return info;
}

}  // namespace finwait::judge
