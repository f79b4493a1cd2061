// How far the kernel's counters of a host moved, one by one or by a pattern.
#include <algorithm>
#include <iterator>
#include <string_view>

#include "judge/evidence.h"

namespace finwait::judge {
namespace {

using scenario::CounterExpectation;

bool Within(std::int64_t delta, const scenario::CountBound& bound) {
  return bound.min <= delta && delta <= bound.max;
}

bool HasOwn(const std::string& host, const std::string& counter,
            const std::vector<CounterExpectation>& all) {
  return std::any_of(all.begin(), all.end(), [&](const auto& other) {
    return other.host == host && other.name == counter;
  });
}

// Those that the sentence is about, of the ones that moved.
tcp::CounterDeltas MovedOf(const CounterExpectation& expected,
                           const std::vector<CounterExpectation>& all,
                           const tcp::CounterDeltas& deltas) {
  tcp::CounterDeltas moved;
  std::copy_if(deltas.begin(), deltas.end(), std::inserter(moved, moved.end()),
               [&](const auto& delta) {
                 return expected.IsAbout(delta.first) &&
                        !HasOwn(expected.host, delta.first, all);
               });
  return moved;
}

std::string Text(const tcp::CounterDeltas& deltas) {
  std::string text;
  for (const auto& [name, delta] : deltas) {
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(delta);
  }
  return text.empty() ? "none moved" : text;
}

// One that did not move is as it should be: the loader lets no pattern expect
// anything else.
void JudgePattern(Finding& finding, const CounterExpectation& expected,
                  const tcp::CounterDeltas& moved) {
  tcp::CounterDeltas wrong;
  std::copy_if(
      moved.begin(), moved.end(), std::inserter(wrong, wrong.end()),
      [&](const auto& delta) { return !Within(delta.second, expected.delta); });
  if (wrong.empty()) return Decide(finding, Verdict::kPass, Text(moved));
  Decide(finding, Verdict::kFail, Text(wrong));
}

void JudgeOne(Finding& finding, const CounterExpectation& expected,
              const tcp::CounterDeltas& deltas) {
  const auto counter = deltas.find(expected.name);
  const std::int64_t delta = counter == deltas.end() ? 0 : counter->second;
  Decide(finding,
         Within(delta, expected.delta) ? Verdict::kPass : Verdict::kFail,
         std::to_string(delta));
}

}  // namespace

Finding JudgeCounter(const CounterExpectation& expected,
                     const std::vector<CounterExpectation>& all,
                     const tcp::Timeline& timeline) {
  Finding finding;
  finding.place = expected.place;
  finding.host = expected.host;
  finding.subject = expected.host + " counters: " + expected.name;
  finding.expected = scenario::Describe(expected.delta);
  const auto host = timeline.counters.find(expected.host);
  if (host == timeline.counters.end()) {
    Decide(finding, Verdict::kBroken, "the counters were not read");
  } else if (expected.IsPattern()) {
    JudgePattern(finding, expected, MovedOf(expected, all, host->second));
  } else {
    JudgeOne(finding, expected, host->second);
  }
  return finding;
}

}  // namespace finwait::judge
