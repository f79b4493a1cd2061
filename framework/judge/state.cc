// Judges what is expected of one stay in one state.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include "judge/armed.h"
#include "judge/doubt.h"
#include "judge/duration.h"
#include "judge/evidence.h"
#include "judge/wording.h"
#include "tcp/linux_timing.h"

namespace finwait::judge {
namespace {

using scenario::Lasts;
using scenario::StateExpectation;

std::string StateName(const StateExpectation& expected) {
  std::string name(Name(expected.state));
  if (expected.occurrence == 1) return name;
  return name + " (" + Ordinal(expected.occurrence) + ")";
}

// The kernel may have armed a timewait socket for longer than the sysctls
// say: 3.5 * RTO is the least, and the RTO changes with the ACK of the FIN
// (Linux: include/net/tcp.h tcp_fin_time()). A look soon after shows it.
std::string ArmedLonger(const Stay& stay, Duration nominal,
                        const Evidence& evidence) {
  auto samples = SamplesIn(stay, evidence.endpoint);
  if (samples.empty() || !stay.entry) return "";
  const tcp::Sample& first = *samples.front();
  Duration elapsed = first.before - stay.entry->at;
  Duration armed = first.facts->expires + elapsed;
  Duration jiffy = tcp::Jiffy(evidence.environment.hz);
  if (!first.facts->minisock() || armed <= nominal + 2 * jiffy) return "";
  return "; the kernel had armed its timer for " + Format(armed);
}

std::string LengthText(const Stay& stay, const Interval& length) {
  if (!length.open) return "lasted " + ToString(length);
  return "still in " + std::string(Name(stay.state)) + " after " +
         Format(length.best) + ", when the run ended";
}

void JudgeToTheEnd(Finding& finding, const Stay& stay,
                   const std::string& actual) {
  if (!stay.exit) return Decide(finding, Verdict::kPass, actual);
  Decide(finding, Verdict::kFail,
         actual + ", then came " + std::string(Name(stay.exit->to)));
}

// Why the interval of a stay is as wide as it is, if the observer is to blame.
std::string StarvedAround(const Stay& stay, const Evidence& evidence) {
  for (const tcp::Transition* edge : {stay.entry, stay.exit}) {
    if (!edge) continue;
    const tcp::Sample* look =
        StarvedLookAt(*edge, evidence.endpoint, evidence.environment.hz);
    if (look) return Also(StarvedText(*look, evidence.timeline.begin));
  }
  return "";
}

// What a softirq takes on a machine that is not busy, and the error of a slot.
constexpr Duration kPromptSoftirq = std::chrono::milliseconds(1);

// How late the softirqs of its timers were, the kernel's own records tell as
// far as there are any.
void AllowForMachine(const Stay& stay, const Evidence& evidence,
                     Interval& length, Allowed& allowed) {
  Duration late{};
  std::size_t told = 0;
  for (const ArmedTimer& timer : TimersIn(stay, evidence.endpoint)) {
    if (!timer.armed || !timer.fired) continue;
    late += std::max(timer.fired->at - timer.armed->slot, Duration::zero());
    ++told;
  }
  AllowForMachine(allowed, told, evidence.timeline, evidence.environment);
  if (late < kPromptSoftirq) return;
  for (Duration* d : {&length.low, &length.best, &length.high}) *d -= late;
  allowed.formula += "; without the " + Format(late) +
                     " by which its softirq came after its slot";
}

void JudgeLength(Finding& finding, const Lasts& lasts, const Stay& stay,
                 const Evidence& evidence) {
  ArmedTimer timer = LastTimer(stay, evidence.endpoint);
  Interval length = Narrowed(LengthOf(stay, evidence.timeline), stay, timer);
  std::string actual = LengthText(stay, length);
  if (stay.exit) finding.around = stay.exit->at;
  if (lasts.kind == Lasts::Kind::kToTheEnd) {
    return JudgeToTheEnd(finding, stay, actual);
  }
  Allowed allowed =
      AllowedLength(lasts, evidence.endpoint, evidence.environment);
  if (allowed.unknown) {
    return Decide(finding, allowed.unknown->verdict,
                  actual + ", but " + allowed.unknown->why);
  }
  if (timer.armed) {
    actual += Also(Describe(timer, evidence.timeline.begin));
  } else if (lasts.kind == Lasts::Kind::kTimer) {
    actual += ArmedLonger(stay, *allowed.lower, evidence);
  }
  if (lasts.kind == Lasts::Kind::kTimer && stay.exit) {
    AllowForMachine(stay, evidence, length, allowed);
  }
  finding.formula = allowed.formula;
  Conclude(finding, Compare(length, allowed), actual);
  if (finding.verdict == Verdict::kBroken) {
    finding.actual += StarvedAround(stay, evidence);
  }
}

// One Finding for each thing said of a state. `judge` may assume the stay.
template <typename F>
void Add(std::vector<Finding>& findings, const StateExpectation& expected,
         const Evidence& evidence, std::string sentence, F judge) {
  Finding finding =
      Begin(evidence, expected.place, StateName(expected), std::move(sentence));
  const Stay* stay =
      FindStay(evidence.stays, expected.state, expected.occurrence);
  if (!stay) {
    Decide(finding, Verdict::kFail,
           "was never in " + StateName(expected) + ": " +
               PathText(PathOf(evidence.stays)));
  } else {
    if (stay->entry) finding.around = stay->entry->at;
    judge(finding, *stay);
  }
  findings.push_back(std::move(finding));
}

}  // namespace

std::vector<Finding> JudgeState(const StateExpectation& expected,
                                const Evidence& evidence) {
  std::vector<Finding> findings;
  if (const auto& lasts = expected.lasts) {
    Add(findings, expected, evidence, "lasts " + Describe(*lasts),
        [&](Finding& f, const Stay& s) {
          JudgeLength(f, *lasts, s, evidence);
        });
  }
  if (auto orphan = expected.orphan) {
    Add(findings, expected, evidence, *orphan ? "is an orphan" : "is owned",
        [&](Finding& f, const Stay& s) {
          JudgeOrphan(f, *orphan, s, evidence);
        });
  }
  if (auto timer = expected.timer) {
    Add(findings, expected, evidence, "timer " + std::string(Name(*timer)),
        [&](Finding& f, const Stay& s) { JudgeTimer(f, *timer, s, evidence); });
  }
  if (const auto& left = expected.timer_left) {
    Add(findings, expected, evidence, "timer armed with " + Describe(*left),
        [&](Finding& f, const Stay& s) {
          JudgeTimerLeft(f, *left, s, evidence);
        });
  }
  if (auto shutdown = expected.shutdown) {
    Add(findings, expected, evidence, ShutdownText(*shutdown),
        [&](Finding& f, const Stay& s) {
          JudgeShutdown(f, *shutdown, s, evidence);
        });
  }
  for (const auto& info : expected.info) {
    Add(findings, expected, evidence,
        "info " + info.field + " " + Describe(info),
        [&](Finding& f, const Stay& s) { JudgeInfo(f, info, &s, evidence); });
    findings.back().place = info.place;
  }
  return findings;
}

}  // namespace finwait::judge
