// Cuts transitions into stays.
#include "judge/stay.h"

#include <algorithm>
#include <iterator>

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

// Is a change that was under way at the one look complete at the other? Until
// close() returns, a socket still has its owner, its timer is not armed before
// the SYN or FIN has been sent, and an orphan in FIN_WAIT2 may be a full socket
// with a keepalive timer before it becomes a minisock (Linux: net/ipv4/tcp.c
// __tcp_close(); tcp_output.c tcp_connect(), tcp_send_fin(); tcp_input.c
// tcp_rcv_state_process(), "Bad case").
bool Completes(const tcp::SocketFacts& first, const tcp::SocketFacts& other) {
  const bool armed = first.timer == tcp::TimerKind::kOff &&
                     other.timer != tcp::TimerKind::kOff;
  const bool orphaned = first.inode != 0 && other.inode == 0;
  return armed || orphaned || (!first.minisock() && other.minisock());
}

// The first looks may have come in the middle of the change, which may be seen
// to go on more than once: an orphan first, and then a minisock.
void ForgetPassing(const Stay& stay, std::vector<const tcp::Sample*>& samples) {
  // As long as a busy machine may keep it from going on.
  constexpr Duration kChange = std::chrono::milliseconds(50);
  if (samples.empty() || !stay.entry) return;
  auto settled = samples.begin();
  for (auto next = std::next(settled); next != samples.end(); ++next) {
    const bool at_once =
        (*std::prev(next))->before < stay.entry->latest + kChange;
    if (!at_once) break;
    if (Completes(*(*settled)->facts, *(*next)->facts)) settled = next;
  }
  samples.erase(samples.begin(), settled);
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
  ForgetPassing(stay, found);
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
