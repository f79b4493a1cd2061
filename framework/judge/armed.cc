// Finds and tells the timers of a stay.
#include "judge/armed.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "judge/wording.h"

namespace finwait::judge {
namespace {

using tcp::TimerRecord;

// The kernel arms a timer and makes the change to its state one after the
// other, in one softirq or call; the same holds for its firing and the end.
constexpr Duration kOneAfterTheOther = std::chrono::milliseconds(1);

bool IsIn(const Stay& stay, const TimerRecord& record) {
  const bool early =
      stay.entry && record.at < stay.entry->earliest - kOneAfterTheOther;
  const bool late =
      stay.exit && record.at > stay.exit->latest + kOneAfterTheOther;
  return record.state == stay.state && !early && !late;
}

// No softirq waits that long: whoever fires then was armed without a record.
constexpr Duration kLatestSoftirq = std::chrono::milliseconds(500);

bool MayBe(const ArmedTimer& timer, const TimerRecord& fired) {
  return timer.armed && !timer.fired &&
         fired.at - timer.armed->slot < kLatestSoftirq;
}

}  // namespace

std::vector<ArmedTimer> TimersIn(const Stay& stay,
                                 const tcp::EndpointTimeline& endpoint) {
  std::vector<ArmedTimer> timers;
  for (const TimerRecord& record : endpoint.timers) {
    if (!IsIn(stay, record)) continue;
    if (record.what == TimerRecord::What::kArmed) {
      timers.push_back({&record, nullptr});
    } else if (record.what == TimerRecord::What::kFired) {
      if (timers.empty() || !MayBe(timers.back(), record)) {
        timers.emplace_back();
      }
      timers.back().fired = &record;
    }
  }
  return timers;
}

ArmedTimer FirstTimer(const Stay& stay, const tcp::EndpointTimeline& endpoint) {
  auto timers = TimersIn(stay, endpoint);
  return timers.empty() ? ArmedTimer{} : timers.front();
}

ArmedTimer LastTimer(const Stay& stay, const tcp::EndpointTimeline& endpoint) {
  auto timers = TimersIn(stay, endpoint);
  return timers.empty() ? ArmedTimer{} : timers.back();
}

Duration RequestedLength(const TimerRecord& armed) {
  return armed.requested - armed.at;
}

std::string Describe(const ArmedTimer& timer, TimePoint begin) {
  if (!timer.armed) return "";
  std::string text = "the kernel armed its timer for " +
                     Format(RequestedLength(*timer.armed)) + " at " +
                     Since(begin, timer.armed->at) + ", slot of the wheel at " +
                     Since(begin, timer.armed->slot);
  if (!timer.fired) return text;
  return text + ", fired at " + Since(begin, timer.fired->at);
}

Interval Narrowed(Interval length, const Stay& stay, const ArmedTimer& timer) {
  if (!timer.fired || !stay.entry || !stay.exit) return length;
  TimePoint fired = timer.fired->at;
  TimePoint over = std::min(stay.exit->latest, fired + kOneAfterTheOther);
  if (fired < stay.exit->earliest || over < fired) return length;
  length.low = std::max(length.low, fired - stay.entry->latest);
  length.high = std::min(length.high, over - stay.entry->earliest);
  length.best = std::clamp(length.best, length.low, length.high);
  return length;
}

}  // namespace finwait::judge
