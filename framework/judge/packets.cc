// Judges segments: how many there were, and when.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "judge/doubt.h"
#include "judge/duration.h"
#include "judge/evidence.h"
#include "judge/match.h"
#include "judge/wording.h"

namespace finwait::judge {
namespace {

using scenario::PacketExpectation;
using tcp::Packet;

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

std::string DoubtText(const Matched& matched) {
  return ": too imprecise: a change of state is known to " +
         Format(matched.doubt) + " only";
}

// A capture that lost packets can still prove that there were too many, or
// enough of them, but not that there were few.
bool Doubtful(bool right, const Matched& matched,
              const scenario::CountBound& count) {
  return right ? count.max != INT64_MAX : matched.possible() < count.min;
}

void JudgeCount(Finding& finding, const PacketExpectation& expected,
                const Matched& matched, const Evidence& evidence) {
  const scenario::CountBound& count = expected.count;
  bool right = matched.certain <= count.max && matched.possible() >= count.min;
  bool surely = matched.certain >= count.min && matched.possible() <= count.max;
  std::string actual = CountText(matched, evidence.timeline.begin);
  if (!matched.packets.empty()) finding.around = matched.packets.back()->at;
  Decide(finding, right ? Verdict::kPass : Verdict::kFail, actual);
  if (right && !surely && matched.in_doubt()) {
    Decide(finding, Verdict::kBroken, actual + DoubtText(matched));
  }
  std::uint64_t uncounted = Uncounted(expected.flags, evidence);
  if (uncounted > 0 && Doubtful(right, matched, count)) {
    Decide(finding, Verdict::kBroken,
           actual + UncountedText(uncounted, evidence.timeline));
  }
}

// Which is the n-th of them cannot be told when some were lost or may not
// belong to them.
bool CannotNumber(Finding& finding, const PacketExpectation& expected,
                  const Matched& matched, const Evidence& evidence) {
  std::uint64_t uncounted = Uncounted(expected.flags, evidence);
  if (uncounted == 0 && !matched.in_doubt()) return false;
  std::string why = uncounted > 0 ? UncountedText(uncounted, evidence.timeline)
                                  : DoubtText(matched);
  Decide(finding, Verdict::kBroken,
         CountText(matched, evidence.timeline.begin) + why);
  return true;
}

void TooFew(Finding& finding, const Matched& matched,
            const Evidence& evidence) {
  Decide(finding, Verdict::kFail,
         "only " + std::to_string(matched.likely.size()) +
             ListText(matched.likely, evidence.timeline.begin));
}

// From the begin of a stay to a segment, whose own time is exact.
Interval SinceEntry(const Stay& stay, TimePoint at, const Evidence& evidence) {
  if (!stay.entry) {
    Duration length = at - evidence.timeline.begin;
    return {length, length, length};
  }
  const tcp::Transition& entry = *stay.entry;
  // A segment counts from its own change of state on.
  const auto since = [&](TimePoint t) {
    return std::max(at - t, Duration::zero());
  };
  return {since(entry.latest), since(entry.at), since(entry.earliest)};
}

std::string Expected(const PacketExpectation& expected) {
  PacketExpectation which = expected;
  which.count = {1, 1};
  return Describe(which).substr(2);  // without the number
}

void JudgeAt(Finding& finding, const PacketExpectation& expected,
             const Matched& matched, const Evidence& evidence) {
  if (CannotNumber(finding, expected, matched, evidence)) return;
  auto index = static_cast<std::size_t>(expected.number - 1);
  if (index >= matched.likely.size()) {
    return TooFew(finding, matched, evidence);
  }
  const Packet& packet = *matched.likely[index];
  finding.around = packet.at;
  Allowed allowed =
      AllowedLength(*expected.at, evidence.endpoint, evidence.environment);
  if (allowed.unknown) {
    return Decide(finding, allowed.unknown->verdict, allowed.unknown->why);
  }
  AllowForMachine(allowed, 0, evidence.timeline, evidence.environment);
  finding.formula = allowed.formula;
  const Stay* stay = FindStay(evidence.stays, *expected.since, 1);
  Interval when = SinceEntry(*stay, packet.at, evidence);
  Conclude(finding, Compare(when, allowed),
           Describe(packet, evidence.timeline.begin) + ", " + ToString(when) +
               " after " + std::string(Name(*expected.since)) + " began");
  if (finding.verdict != Verdict::kBroken || !stay->entry) return;
  const tcp::Sample* look =
      StarvedLookAt(*stay->entry, evidence.endpoint, evidence.environment.hz);
  if (look) {
    finding.actual += Also(StarvedText(*look, evidence.timeline.begin));
  }
}

std::string GapsText(const std::vector<scenario::Lasts>& gaps) {
  std::string text;
  for (const scenario::Lasts& gap : gaps) {
    text += (text.empty() ? "" : ", ") + Describe(gap);
  }
  return text;
}

// One gap of several: the worst verdict and the least margin count.
void JudgeGap(Finding& finding, std::size_t index,
              const PacketExpectation& expected, const Matched& matched,
              const Evidence& evidence) {
  Allowed allowed = AllowedLength(expected.gaps[index], evidence.endpoint,
                                  evidence.environment);
  const Packet& packet = *matched.likely[index + 1];
  Duration gap = packet.at - matched.likely[index]->at;
  std::string text = Format(gap);
  Comparison comparison;
  if (allowed.unknown) {
    comparison = {allowed.unknown->verdict, {}, allowed.unknown->why};
  } else {
    AllowForMachine(allowed, 0, evidence.timeline, evidence.environment);
    comparison = Compare({gap, gap, gap}, allowed);
  }
  const bool worse = finding.verdict < comparison.verdict;
  if (worse) {
    finding.around = packet.at;
    finding.formula = allowed.formula;
    text += " (" + comparison.remark + ")";
  }
  finding.verdict = Merge(finding.verdict, comparison.verdict);
  if (comparison.margin) {
    finding.margin =
        std::min(finding.margin.value_or(Duration::max()), *comparison.margin);
  }
  finding.actual += (finding.actual.empty() ? "" : ", ") + text;
}

void JudgeGaps(Finding& finding, const PacketExpectation& expected,
               const Matched& matched, const Evidence& evidence) {
  if (CannotNumber(finding, expected, matched, evidence)) return;
  if (matched.likely.size() <= expected.gaps.size()) {
    return TooFew(finding, matched, evidence);
  }
  finding.around = matched.likely.front()->at;
  for (std::size_t i = 0; i < expected.gaps.size(); ++i) {
    JudgeGap(finding, i, expected, matched, evidence);
  }
}

// One Finding for each thing said of the segments. `judge` may assume that
// there is a scope.
template <typename F>
void Add(std::vector<Finding>& findings, const PacketExpectation& expected,
         const Scope& scope, const Evidence& evidence, std::string sentence,
         F judge) {
  Finding& finding = findings.emplace_back(
      Begin(evidence, expected.place, "packets", std::move(sentence)));
  if (scope.missing.empty()) return judge(finding);
  Decide(finding, Verdict::kFail,
         scope.missing + ": " + PathText(PathOf(evidence.stays)));
}

}  // namespace

std::vector<Finding> JudgePackets(const PacketExpectation& expected,
                                  const Evidence& evidence) {
  std::vector<Finding> findings;
  Scope scope = ScopeOf(expected, evidence);
  Matched matched = Match(expected, scope, evidence);
  Add(findings, expected, scope, evidence, Describe(expected),
      [&](Finding& f) { JudgeCount(f, expected, matched, evidence); });
  if (expected.at) {
    std::string sentence = Ordinal(expected.number) + " " + Expected(expected) +
                           ": after " + Describe(*expected.at);
    Add(findings, expected, scope, evidence, sentence,
        [&](Finding& f) { JudgeAt(f, expected, matched, evidence); });
  }
  if (!expected.gaps.empty()) {
    Add(findings, expected, scope, evidence,
        Expected(expected) + ": gaps " + GapsText(expected.gaps),
        [&](Finding& f) { JudgeGaps(f, expected, matched, evidence); });
  }
  return findings;
}

}  // namespace finwait::judge
