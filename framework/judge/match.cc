// Finds the segments that an expectation is about.
#include "judge/match.h"

#include <algorithm>

#include "judge/doubt.h"

namespace finwait::judge {
namespace {

using scenario::PacketExpectation;
using tcp::Packet;
using tcp::TcpState;

void BeginAfter(Scope& scope, const tcp::Transition& transition) {
  scope.possible_from = std::max(scope.possible_from, transition.earliest);
  scope.certain_from = std::max(scope.certain_from, transition.latest);
}

const Stay* FirstStay(Scope& scope, TcpState state, const Evidence& evidence) {
  const Stay* stay = FindStay(evidence.stays, state, 1);
  if (!stay) scope.missing = "was never in " + std::string(Name(state));
  return stay;
}

void RestrictToStay(Scope& scope, TcpState state, const Evidence& evidence) {
  const Stay* stay = FirstStay(scope, state, evidence);
  if (!stay) return;
  if (stay->entry) BeginAfter(scope, *stay->entry);
  if (!stay->exit) return;
  scope.certain_to = stay->exit->earliest;
  scope.possible_to = stay->exit->latest;
}

void RestrictToSince(Scope& scope, TcpState state, const Evidence& evidence) {
  const Stay* stay = FirstStay(scope, state, evidence);
  if (stay && stay->entry) BeginAfter(scope, *stay->entry);
}

// What comes after CLOSED comes after it was reached: nothing follows it.
void RestrictToAfter(Scope& scope, TcpState state, const Evidence& evidence) {
  const Stay* stay = FindStay(evidence.stays, state, 1);
  const tcp::Transition* left = stay ? stay->exit : nullptr;
  if (stay && state == TcpState::kClosed) left = stay->entry;
  if (left) {
    BeginAfter(scope, *left);
  } else {
    scope.missing = "never left " + std::string(Name(state));
  }
}

bool Matches(const Packet& packet, const PacketExpectation& expected) {
  return (!expected.sent || *expected.sent == packet.sent) &&
         (packet.flags & expected.flags) == expected.flags &&
         (!expected.payload || *expected.payload == (packet.length > 0));
}

// What a socket receives makes it change, what it sends is sent in the state
// it changed to: so much a segment near a bound tells by itself, and is in
// doubt only by as much as that may be wrong.
void AddMatch(Matched& matched, const Packet& packet, const Scope& scope) {
  matched.packets.push_back(&packet);
  // Unbounded sides are certain, so the comparison with them is not strict.
  const bool begun = scope.certain_from < packet.at;
  const bool not_over = packet.at < scope.certain_to;
  if (begun && not_over) ++matched.certain;
  if (!begun) {
    matched.doubt =
        std::max(matched.doubt, packet.sent ? scope.certain_from - packet.at
                                            : packet.at - scope.possible_from);
  }
  if (!not_over) {
    matched.doubt =
        std::max(matched.doubt, packet.sent ? scope.possible_to - packet.at
                                            : packet.at - scope.certain_to);
  }
  if ((begun || packet.sent) && (not_over || !packet.sent)) {
    matched.likely.push_back(&packet);
  }
}

}  // namespace

Scope ScopeOf(const PacketExpectation& expected, const Evidence& evidence) {
  Scope scope;
  if (expected.during) RestrictToStay(scope, *expected.during, evidence);
  if (expected.since) RestrictToSince(scope, *expected.since, evidence);
  if (expected.after) RestrictToAfter(scope, *expected.after, evidence);
  return scope;
}

Matched Match(const PacketExpectation& expected, const Scope& scope,
              const Evidence& evidence) {
  Matched matched;
  for (const Packet& packet : evidence.endpoint.packets) {
    bool possible =
        scope.possible_from <= packet.at && packet.at <= scope.possible_to;
    if (possible && Matches(packet, expected)) {
      AddMatch(matched, packet, scope);
    }
  }
  return matched;
}

std::uint64_t Uncounted(std::uint8_t flags, const Evidence& evidence) {
  constexpr std::uint8_t kAlwaysKept = tcp::kSyn | tcp::kFin | tcp::kRst;
  std::uint64_t not_kept =
      flags & kAlwaysKept ? 0 : evidence.endpoint.packets_not_kept;
  return evidence.timeline.packets_dropped + not_kept;
}

std::string UncountedText(std::uint64_t packets,
                          const tcp::Timeline& timeline) {
  std::uint64_t left_out = packets - timeline.packets_dropped;
  std::string text = Also(LossText(timeline));
  if (left_out > 0) {
    text += "; " + std::to_string(left_out) +
            " packets of bulk data were left "
            "out";
  }
  return text + ", so there may have been more";
}

}  // namespace finwait::judge
