// Judges what is expected of one stay in one state.
#include <cstdint>
#include <optional>
#include <utility>

#include "judge/duration.h"
#include "judge/evidence.h"
#include "judge/wording.h"
#include "tcp/linux_timing.h"

namespace finwait::judge {
namespace {

using scenario::Lasts;
using scenario::StateExpectation;

std::string Ordinal(int n) {
  bool teen = n % 100 / 10 == 1;
  if (n % 10 == 1 && !teen) return std::to_string(n) + "st";
  if (n % 10 == 2 && !teen) return std::to_string(n) + "nd";
  if (n % 10 == 3 && !teen) return std::to_string(n) + "rd";
  return std::to_string(n) + "th";
}

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

void Conclude(Finding& finding, const Comparison& comparison,
              const std::string& actual) {
  finding.margin = comparison.margin;
  std::string remark = comparison.remark;
  Decide(finding, comparison.verdict,
         remark.empty() ? actual : actual + ": " + remark);
}

void JudgeToTheEnd(Finding& finding, const Stay& stay,
                   const std::string& actual) {
  if (!stay.exit) return Decide(finding, Verdict::kPass, actual);
  Decide(finding, Verdict::kFail,
         actual + ", then came " + std::string(Name(stay.exit->to)));
}

void JudgeLength(Finding& finding, const Lasts& lasts, const Stay& stay,
                 const Evidence& evidence) {
  Interval length = LengthOf(stay, evidence.timeline);
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
  finding.formula = allowed.formula;
  if (lasts.kind == Lasts::Kind::kTimer) {
    actual += ArmedLonger(stay, *allowed.lower, evidence);
  }
  Conclude(finding, Compare(length, allowed), actual);
}

std::string OwnershipText(const tcp::Sample& sample, TimePoint begin) {
  std::uint32_t inode = sample.facts->inode;
  std::string text = inode == 0 ? "orphan (inode 0)"
                                : "owned (inode " + std::to_string(inode) + ")";
  return text + " at " + Since(begin, sample.before);
}

void JudgeOrphan(Finding& finding, bool orphan, const Stay& stay,
                 const Evidence& evidence) {
  auto samples = SamplesIn(stay, evidence.endpoint);
  if (samples.empty()) {
    return Decide(finding, Verdict::kBroken,
                  "nobody looked at the socket in this state");
  }
  for (const tcp::Sample* sample : samples) {
    if ((sample->facts->inode == 0) == orphan) continue;
    finding.around = sample->before;
    return Decide(finding, Verdict::kFail,
                  OwnershipText(*sample, evidence.timeline.begin));
  }
  Decide(finding, Verdict::kPass,
         std::string(orphan ? "orphan" : "owned") + " on " +
             std::to_string(samples.size()) +
             (samples.size() == 1 ? " look" : " looks"));
}

void JudgeTimer(Finding& finding, tcp::TimerKind timer, const Stay& stay,
                const Evidence& evidence) {
  auto samples = SamplesIn(stay, evidence.endpoint);
  if (samples.empty()) {
    return Decide(finding, Verdict::kBroken,
                  "nobody looked at the socket in this state");
  }
  const tcp::Sample& first = *samples.front();
  finding.around = first.before;
  Decide(finding, first.facts->timer == timer ? Verdict::kPass : Verdict::kFail,
         "timer " + std::string(Name(first.facts->timer)) + " at " +
             Since(evidence.timeline.begin, first.before));
}

// What the timer was armed with, reckoned back from the first look.
Interval ArmedWith(const tcp::Sample& look, const tcp::Transition& entry) {
  Duration left = look.facts->expires;
  return {left + (look.before - entry.latest), left + (look.before - entry.at),
          left + (look.after - entry.earliest)};
}

void JudgeTimerLeft(Finding& finding, const Lasts& lasts, const Stay& stay,
                    const Evidence& evidence) {
  auto samples = SamplesIn(stay, evidence.endpoint);
  if (samples.empty() || !stay.entry) {
    return Decide(finding, Verdict::kBroken,
                  "nobody looked at the socket in this state");
  }
  const tcp::Sample& first = *samples.front();
  finding.around = first.before;
  Allowed allowed =
      AllowedTimer(lasts, evidence.endpoint, evidence.environment);
  if (allowed.unknown) {
    return Decide(finding, allowed.unknown->verdict, allowed.unknown->why);
  }
  finding.formula = allowed.formula;
  Interval armed = ArmedWith(first, *stay.entry);
  Conclude(finding, Compare(armed, allowed),
           "armed with " + ToString(armed) + ": " +
               Format(first.facts->expires) + " left at " +
               Since(evidence.timeline.begin, first.before));
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
  return findings;
}

}  // namespace finwait::judge
