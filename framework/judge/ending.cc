// Judges how a connection ended.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "judge/armed.h"
#include "judge/doubt.h"
#include "judge/evidence.h"
#include "judge/match.h"
#include "judge/stay.h"
#include "judge/wording.h"
#include "tcp/linux_timing.h"

namespace finwait::judge {
namespace {

using scenario::Ending;
using tcp::Packet;
using tcp::TcpState;

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

// Did it come in when the socket had ended? What its host answers to that is no
// part of the end. Where the kernel told of the end itself, that is certain at
// once.
bool CameTooLate(const Packet& packet, const tcp::Transition& end) {
  const Duration slack = IsTold(end) ? Duration::zero() : SlackOf(end);
  return !packet.sent && packet.at > end.latest + slack;
}

bool At(const Packet& packet, const tcp::Transition& end) {
  return end.earliest - SlackOf(end) <= packet.at &&
         packet.at <= end.latest + SlackOf(end);
}

const Packet* FirstAt(const tcp::Transition& end, const Evidence& evidence) {
  for (const Packet& packet : evidence.endpoint.packets) {
    if (CameTooLate(packet, end)) return nullptr;
    if (At(packet, end)) return &packet;
  }
  return nullptr;
}

// The reset that ended the connection. One that netem delayed is captured
// late.
const Packet* ResetAt(const tcp::Transition& end, const Evidence& evidence) {
  for (const Packet& packet : evidence.endpoint.packets) {
    if (packet.at < end.earliest - SlackOf(end)) continue;
    if (CameTooLate(packet, end)) return nullptr;
    bool reset = packet.flags & tcp::kRst;
    if (reset && (packet.sent || At(packet, end))) return &packet;
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
    case Ending::kTimer:  // silence is its half; JudgeTimerEnding() the other
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

// --- by which timer ----------------------------------------------------------

// The timer that the last look before the end found armed, and when it had to
// fire.
struct Due {
  const tcp::Sample* look = nullptr;
  TimePoint from;
  TimePoint to;  // with the timer wheel's lateness
};

Due LastDue(const Stay& stay, const Evidence& evidence) {
  auto looks = SamplesIn(stay, evidence.endpoint);
  if (looks.empty()) return {};
  const tcp::Sample& last = *looks.back();
  int hz = evidence.environment.hz;
  Duration jiffy = tcp::Jiffy(hz);
  TimePoint due = last.after + last.facts->expires;
  TimePoint begin = stay.entry ? stay.entry->earliest : evidence.timeline.begin;
  // It was armed in this state: its length is at most this.
  Duration lateness = tcp::WheelLateness(due - begin, hz);
  return {&last, last.before + last.facts->expires - jiffy,
          due + lateness + jiffy +
              LatenessOf(evidence.timeline, evidence.environment).timer};
}

bool SentAfter(TimePoint at, const Evidence& evidence) {
  const auto& packets = evidence.endpoint.packets;
  return std::any_of(packets.begin(), packets.end(),
                     [&](const Packet& p) { return p.sent && p.at > at; });
}

// A silent end: was it the timer's doing?
void JudgeTimerEnding(Finding& finding, const tcp::Transition& end,
                      const Evidence& evidence) {
  const Stay& stay = *(evidence.stays.end() - 2);
  TimePoint begin = evidence.timeline.begin;
  ArmedTimer record = LastTimer(stay, evidence.endpoint);
  if (record.fired) {
    return Decide(finding, Verdict::kPass,
                  finding.actual + Also(Describe(record, begin)));
  }
  Due due = LastDue(stay, evidence);
  if (!due.look) {
    return Decide(finding, Verdict::kBroken,
                  finding.actual + "; nobody looked at its timer");
  }
  const tcp::TimerKind timer = due.look->facts->timer;
  std::string text = finding.actual + "; timer " + std::string(Name(timer));
  if (timer == tcp::TimerKind::kOff) {
    return Decide(finding, Verdict::kFail, text);
  }
  text +=
      " due at " + Since(begin, due.look->before + due.look->facts->expires);
  const bool then = due.from <= end.latest && end.earliest <= due.to;
  if (then) return Decide(finding, Verdict::kPass, text);
  if (end.latest >= due.from && SentAfter(due.look->before, evidence)) {
    return Decide(finding, Verdict::kBroken,
                  text + ", and nobody looked when it was armed again");
  }
  Decide(finding, Verdict::kFail, text);
}

// --- what is not sure --------------------------------------------------------

// A segment within a wide interval may have come before the end or after it.
void DoubtWideEnd(Finding& finding, bool wants_silence,
                  const tcp::Transition& end, const Evidence& evidence) {
  if (end.latest - end.earliest <= kStampSlack) return;
  const tcp::Sample* starved =
      StarvedLookAt(end, evidence.endpoint, evidence.environment.hz);
  if (!starved && !(wants_silence && !ResetAt(end, evidence))) return;
  TimePoint begin = evidence.timeline.begin;
  std::string text = finding.actual + ": too imprecise: it ended between " +
                     Since(begin, end.earliest) + " and " +
                     Since(begin, end.latest);
  if (starved) text += Also(StarvedText(*starved, begin));
  Decide(finding, Verdict::kBroken, text);
}

}  // namespace

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
  bool silence = ending == Ending::kSilently || ending == Ending::kTimer;
  std::string actual = EndText(*end, evidence);
  Decide(finding, right ? Verdict::kPass : Verdict::kFail, actual);
  if (!right) DoubtWideEnd(finding, silence, *end, evidence);
  if (right && ending == Ending::kTimer) {
    JudgeTimerEnding(finding, *end, evidence);
  }
  bool by_absence = silence ? right : !right;
  std::uint64_t lost = evidence.timeline.packets_dropped;
  if (lost > 0 && by_absence) {
    Decide(finding, Verdict::kBroken,
           actual + UncountedText(lost, evidence.timeline));
  }
  return finding;
}

}  // namespace finwait::judge
