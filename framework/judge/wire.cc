// Judges by packets: how many there were, and how a connection ended.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "judge/evidence.h"
#include "judge/wording.h"

namespace finwait::judge {
namespace {

using scenario::Ending;
using scenario::PacketExpectation;
using tcp::Packet;
using tcp::TcpState;

// A capture stamps a segment when a tap sees it, a little before or after the
// socket changes its state.
constexpr Duration kStampSlack = std::chrono::milliseconds(1);

// --- counting --------------------------------------------------------------

// The part of the run an expectation is about. A packet between `earliest`
// and `latest` of the transition that bounds it may belong to it or not.
struct Scope {
  TimePoint possible_from = TimePoint::min();
  TimePoint certain_from = TimePoint::min();
  TimePoint certain_to = TimePoint::max();
  TimePoint possible_to = TimePoint::max();
  std::string missing;  // the state that never came or never went
};

void BeginAfter(Scope& scope, const tcp::Transition& transition) {
  scope.possible_from = std::max(scope.possible_from, transition.earliest);
  scope.certain_from = std::max(scope.certain_from, transition.latest);
}

void RestrictToStay(Scope& scope, TcpState state, const Evidence& evidence) {
  const Stay* stay = FindStay(evidence.stays, state, 1);
  if (!stay) {
    scope.missing = "was never in " + std::string(Name(state));
    return;
  }
  if (stay->entry) BeginAfter(scope, *stay->entry);
  if (!stay->exit) return;
  scope.certain_to = stay->exit->earliest;
  scope.possible_to = stay->exit->latest;
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

Scope ScopeOf(const PacketExpectation& expected, const Evidence& evidence) {
  Scope scope;
  if (expected.during) RestrictToStay(scope, *expected.during, evidence);
  if (expected.after) RestrictToAfter(scope, *expected.after, evidence);
  return scope;
}

bool Matches(const Packet& packet, const PacketExpectation& expected) {
  return (!expected.sent || *expected.sent == packet.sent) &&
         (packet.flags & expected.flags) == expected.flags &&
         (!expected.payload || *expected.payload == (packet.length > 0));
}

struct Matched {
  std::vector<const Packet*> packets;  // possibly in scope
  std::int64_t certain = 0;            // how many of them surely are

  std::int64_t possible() const {
    return static_cast<std::int64_t>(packets.size());
  }
};

Matched Match(const PacketExpectation& expected, const Scope& scope,
              const Evidence& evidence) {
  Matched matched;
  for (const Packet& packet : evidence.endpoint.packets) {
    bool possible =
        scope.possible_from <= packet.at && packet.at <= scope.possible_to;
    if (!possible || !Matches(packet, expected)) continue;
    matched.packets.push_back(&packet);
    // Unbounded sides are certain, so the comparison with them is not strict.
    bool begun = scope.certain_from < packet.at;
    bool not_over = packet.at < scope.certain_to;
    if (begun && not_over) ++matched.certain;
  }
  return matched;
}

std::string ListText(const std::vector<const Packet*>& packets,
                     TimePoint begin) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(packets.size(), kShown); ++i) {
    text += (i == 0 ? ": " : ", ") + Describe(*packets[i], begin);
  }
  if (packets.size() > kShown) {
    text += " and " + std::to_string(packets.size() - kShown) + " more";
  }
  return text;
}

std::string CountText(const Matched& matched, TimePoint begin) {
  if (matched.packets.empty()) return "none";
  std::string count = std::to_string(matched.possible());
  if (matched.certain < matched.possible()) {
    count = std::to_string(matched.certain) + " to " + count;
  }
  return count + ListText(matched.packets, begin);
}

// Segments that should have been counted and may not have been. Bulk data is
// seen but not kept, which leaves the number of SYN, FIN and RST exact.
std::uint64_t Uncounted(std::uint8_t flags, const Evidence& evidence) {
  constexpr std::uint8_t kAlwaysKept = tcp::kSyn | tcp::kFin | tcp::kRst;
  std::uint64_t not_kept =
      flags & kAlwaysKept ? 0 : evidence.endpoint.packets_not_kept;
  return evidence.timeline.packets_dropped + not_kept;
}

// A capture that lost packets can still prove that there were too many, or
// enough of them, but not that there were few.
bool Doubtful(bool right, const Matched& matched,
              const scenario::CountBound& count) {
  return right ? count.max != INT64_MAX : matched.possible() < count.min;
}

std::string UncountedText(std::uint64_t packets) {
  return "; the capture lost or left out " + std::to_string(packets) +
         " packets, so there may have been more";
}

// --- the end ---------------------------------------------------------------

const tcp::Transition* LastTransition(const Evidence& evidence) {
  const auto& transitions = evidence.endpoint.transitions;
  bool closed =
      !transitions.empty() && transitions.back().to == TcpState::kClosed;
  return closed ? &transitions.back() : nullptr;
}

bool Has(const tcp::Transition& transition, const char* cause) {
  return transition.cause.find(cause) != std::string::npos;
}

// How far a packet's stamp may be off the transition it caused. A death that
// two looks found needs no slack: no packet has caused it.
Duration SlackOf(const tcp::Transition& end) {
  return end.source == tcp::Source::kDiag ? Duration::zero() : kStampSlack;
}

bool At(const Packet& packet, const tcp::Transition& end) {
  return end.earliest - SlackOf(end) <= packet.at &&
         packet.at <= end.latest + SlackOf(end);
}

const Packet* FirstAt(const tcp::Transition& end, const Evidence& evidence) {
  for (const Packet& packet : evidence.endpoint.packets) {
    if (At(packet, end)) return &packet;
  }
  return nullptr;
}

// The reset that ended the connection. One that netem delayed is captured
// late; what a dead socket's host answers to a segment from the peer is no
// part of the end.
const Packet* ResetAt(const tcp::Transition& end, const Evidence& evidence) {
  for (const Packet& packet : evidence.endpoint.packets) {
    if (packet.at < end.earliest - SlackOf(end)) continue;
    bool reset = packet.flags & tcp::kRst;
    if (reset && (packet.sent || At(packet, end))) return &packet;
    bool over = packet.at > end.latest + SlackOf(end);
    if (over && !packet.sent) return nullptr;
  }
  return nullptr;
}

bool Exchanged(const Evidence& evidence, bool sent) {
  const auto& packets = evidence.endpoint.packets;
  return std::any_of(packets.begin(), packets.end(), [&](const Packet& p) {
    return p.sent == sent && (p.flags & tcp::kFin);
  });
}

// Both FINs passed, and the last one was acknowledged rather than given up.
bool EndedByFin(const tcp::Transition& end, const Evidence& evidence) {
  bool both = Exchanged(evidence, true) && Exchanged(evidence, false);
  if (!both || ResetAt(end, evidence)) return false;
  if (end.from == TcpState::kTimeWait) return true;
  return end.from == TcpState::kLastAck && FirstAt(end, evidence) != nullptr;
}

bool EndedByReset(const tcp::Transition& end, const Evidence& evidence,
                  bool sent) {
  const Packet* reset = ResetAt(end, evidence);
  if (reset) return reset->sent == sent;
  return Has(end, sent ? "sent RST" : "received RST");
}

bool EndedBy(Ending ending, const tcp::Transition& end,
             const Evidence& evidence) {
  switch (ending) {
    case Ending::kSilently:
      return !FirstAt(end, evidence) && !ResetAt(end, evidence);
    case Ending::kFin:
      return EndedByFin(end, evidence);
    case Ending::kSentReset:
      return EndedByReset(end, evidence, true);
    case Ending::kReceivedReset:
      break;
  }
  return EndedByReset(end, evidence, false);
}

std::string EndText(const tcp::Transition& end, const Evidence& evidence) {
  TimePoint begin = evidence.timeline.begin;
  std::string text =
      "left " + std::string(Name(end.from)) + " at " + Since(begin, end.at);
  if (!end.cause.empty()) text += " (" + end.cause + ")";
  const Packet* packet = ResetAt(end, evidence);
  if (!packet) packet = FirstAt(end, evidence);
  return text +
         (packet ? ": " + Describe(*packet, begin) : ": no packet either way");
}

}  // namespace

Finding JudgePackets(const PacketExpectation& expected,
                     const Evidence& evidence) {
  Finding finding =
      Begin(evidence, expected.place, "packets", Describe(expected));
  Scope scope = ScopeOf(expected, evidence);
  if (!scope.missing.empty()) {
    Decide(finding, Verdict::kFail,
           scope.missing + ": " + PathText(PathOf(evidence.stays)));
    return finding;
  }
  Matched matched = Match(expected, scope, evidence);
  bool right = matched.certain <= expected.count.max &&
               matched.possible() >= expected.count.min;
  std::string actual = CountText(matched, evidence.timeline.begin);
  if (!matched.packets.empty()) finding.around = matched.packets.back()->at;
  Decide(finding, right ? Verdict::kPass : Verdict::kFail, actual);
  std::uint64_t uncounted = Uncounted(expected.flags, evidence);
  if (uncounted > 0 && Doubtful(right, matched, expected.count)) {
    Decide(finding, Verdict::kBroken, actual + UncountedText(uncounted));
  }
  return finding;
}

Finding JudgeEnding(const scenario::EndpointExpectation& expected,
                    const Evidence& evidence) {
  Ending ending = *expected.ends;
  Finding finding = Begin(evidence, expected.ends_place, "end",
                          "ends " + std::string(Name(ending)));
  const tcp::Transition* end = LastTransition(evidence);
  if (!end) {
    Decide(finding, Verdict::kFail,
           "still in " + std::string(Name(evidence.endpoint.state())) +
               " when the run ended");
    return finding;
  }
  finding.around = end->at;
  bool right = EndedBy(ending, *end, evidence);
  std::string actual = EndText(*end, evidence);
  Decide(finding, right ? Verdict::kPass : Verdict::kFail, actual);
  bool by_absence = ending == Ending::kSilently ? right : !right;
  std::uint64_t lost = evidence.timeline.packets_dropped;
  if (lost > 0 && by_absence) {
    Decide(finding, Verdict::kBroken, actual + UncountedText(lost));
  }
  return finding;
}

}  // namespace finwait::judge
