// Judges by looks at the socket: its owner, what was shut down, its timer.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "judge/armed.h"
#include "judge/doubt.h"
#include "judge/duration.h"
#include "judge/evidence.h"
#include "judge/wording.h"
#include "tcp/linux_timing.h"

namespace finwait::judge {
namespace {

using scenario::Lasts;
using tcp::Sample;

constexpr const char* kNobodyLooked =
    "nobody looked at the socket in this state";

bool Starved(const Sample& look, const Evidence& evidence) {
  return IsStarved(look, evidence.environment.hz);
}

// What a starved look contradicts is broken, not failed: that it came when it
// did is not the kernel's doing.
void DecideByLook(Finding& finding, bool right, const Sample& look,
                  const std::string& actual, const Evidence& evidence) {
  finding.around = look.before;
  if (right || !Starved(look, evidence)) {
    return Decide(finding, right ? Verdict::kPass : Verdict::kFail, actual);
  }
  Decide(finding, Verdict::kBroken,
         actual + ", but " + StarvedText(look, evidence.timeline.begin));
}

// Every look must be right. Of those that are not, one that came in time
// weighs more.
void JudgeEachLook(Finding& finding, const std::vector<const Sample*>& looks,
                   const Evidence& evidence, const std::string& right_text,
                   const std::function<bool(const Sample&)>& right,
                   const std::function<std::string(const Sample&)>& text) {
  const Sample* wrong = nullptr;
  for (const Sample* look : looks) {
    if (right(*look)) continue;
    if (!wrong || (Starved(*wrong, evidence) && !Starved(*look, evidence))) {
      wrong = look;
    }
  }
  if (wrong) {
    return DecideByLook(finding, false, *wrong, text(*wrong), evidence);
  }
  Decide(finding, Verdict::kPass,
         right_text + " on " + std::to_string(looks.size()) +
             (looks.size() == 1 ? " look" : " looks"));
}

std::string OwnershipText(const Sample& look, TimePoint begin) {
  std::uint32_t inode = look.facts->inode;
  std::string text = inode == 0 ? "orphan (inode 0)"
                                : "owned (inode " + std::to_string(inode) + ")";
  return text + " at " + Since(begin, look.before);
}

// What the timer was armed with, reckoned back from the first look.
Interval ArmedWith(const Sample& look, const tcp::Transition& entry) {
  Duration left = look.facts->expires;
  return {left + (look.before - entry.latest), left + (look.before - entry.at),
          left + (look.after - entry.earliest)};
}

// Looks do not know the count of jiffies by which the timer was armed.
constexpr Duration kUnknownTick = std::chrono::milliseconds(1);

Duration TickAtArming(const Evidence& evidence) {
  if (evidence.environment.virtual_time) return Duration::zero();
  return std::max(kUnknownTick,
                  LatenessOf(evidence.timeline, evidence.environment).tick);
}

}  // namespace

void JudgeOrphan(Finding& finding, bool orphan, const Stay& stay,
                 const Evidence& evidence) {
  auto looks = SamplesIn(stay, evidence.endpoint);
  if (looks.empty()) return Decide(finding, Verdict::kBroken, kNobodyLooked);
  JudgeEachLook(
      finding, looks, evidence, orphan ? "orphan" : "owned",
      [&](const Sample& look) { return (look.facts->inode == 0) == orphan; },
      [&](const Sample& look) {
        return OwnershipText(look, evidence.timeline.begin);
      });
}

void JudgeShutdown(Finding& finding, std::uint8_t shutdown, const Stay& stay,
                   const Evidence& evidence) {
  auto looks = SamplesIn(stay, evidence.endpoint);
  std::erase_if(looks, [](const Sample* l) { return !l->facts->shutdown; });
  if (looks.empty()) {
    return Decide(finding, Verdict::kBroken,
                  "nobody looked at a full socket in this state");
  }
  JudgeEachLook(
      finding, looks, evidence, ShutdownText(shutdown),
      [&](const Sample& look) { return look.facts->shutdown == shutdown; },
      [&](const Sample& look) {
        return ShutdownText(*look.facts->shutdown) + " at " +
               Since(evidence.timeline.begin, look.before);
      });
}

void JudgeTimer(Finding& finding, tcp::TimerKind timer, const Stay& stay,
                const Evidence& evidence) {
  auto looks = SamplesIn(stay, evidence.endpoint);
  if (looks.empty()) return Decide(finding, Verdict::kBroken, kNobodyLooked);
  const Sample& first = *looks.front();
  DecideByLook(finding, first.facts->timer == timer, first,
               "timer " + std::string(Name(first.facts->timer)) + " at " +
                   Since(evidence.timeline.begin, first.before),
               evidence);
}

void JudgeTimerLeft(Finding& finding, const Lasts& lasts, const Stay& stay,
                    const Evidence& evidence) {
  TimePoint begin = evidence.timeline.begin;
  Allowed allowed =
      AllowedTimer(lasts, evidence.endpoint, evidence.environment);
  auto looks = SamplesIn(stay, evidence.endpoint);
  ArmedTimer timer = FirstTimer(stay, evidence.endpoint);
  const bool seen = !looks.empty() && stay.entry;
  if (!timer.armed && !seen) {
    return Decide(finding, Verdict::kBroken, kNobodyLooked);
  }
  if (allowed.unknown) {
    return Decide(finding, allowed.unknown->verdict, allowed.unknown->why);
  }
  finding.formula = allowed.formula;
  if (timer.armed) {  // the kernel's own word, where it can be heard
    Duration length = RequestedLength(*timer.armed);
    finding.around = timer.armed->at;
    return Conclude(finding, Compare({length, length, length}, allowed),
                    Describe(timer, begin));
  }
  const Sample& first = *looks.front();
  finding.around = first.before;
  Interval armed = ArmedWith(first, *stay.entry);
  // As sure as that is, a jiffy at most.
  const Duration doubt =
      std::min(armed.high - armed.low, tcp::Jiffy(evidence.environment.hz));
  if (allowed.lower) *allowed.lower -= doubt + TickAtArming(evidence);
  if (allowed.upper) *allowed.upper += doubt;
  Conclude(finding, Compare(armed, allowed),
           "armed with " + ToString(armed) + ": " +
               Format(first.facts->expires) + " left at " +
               Since(begin, first.before));
  if (finding.verdict == Verdict::kPass || !Starved(first, evidence)) return;
  finding.margin.reset();
  Decide(finding, Verdict::kBroken,
         finding.actual + ", but " + StarvedText(first, begin));
}

}  // namespace finwait::judge
