// Judges how many sockets a host had in a state, over time.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "judge/doubt.h"
#include "judge/duration.h"
#include "judge/evidence.h"
#include "judge/population.h"
#include "judge/wording.h"

namespace finwait::judge {
namespace {

using scenario::CountBound;
using scenario::SocketsExpectation;
using tcp::Timeline;

std::string Subject(const SocketsExpectation& expected) {
  std::string text = expected.host + " sockets: ";
  if (expected.orphan) text += *expected.orphan ? "orphaned " : "owned ";
  text += Name(expected.state);
  if (!expected.connection.empty()) text += " of " + expected.connection;
  return text;
}

// All sentences about one population, counted once.
class SocketsJudge {
 public:
  SocketsJudge(const SocketsExpectation& expected, const Timeline& timeline,
               const Environment& environment)
      : expected_(expected),
        timeline_(timeline),
        environment_(environment),
        members_(MembersOf(expected, timeline)),
        counts_(CountsOver(members_)) {}

  std::vector<Finding> Judge() {
    if (expected_.peak) JudgePeak();
    for (const auto& moment : expected_.moments) JudgeMoment(moment);
    if (expected_.at_end) JudgeEnd();
    if (expected_.lasts) JudgeLasts();
    return std::move(findings_);
  }

 private:
  Finding& Add(const scenario::Place& place, std::string sentence) {
    Finding finding;
    finding.place = place;
    finding.host = expected_.host;
    finding.subject = Subject(expected_);
    finding.expected = std::move(sentence);
    return findings_.emplace_back(std::move(finding));
  }

  // Of whom nothing is sure.
  std::string HolesText() const {
    auto holes = std::count_if(
        members_.begin(), members_.end(),
        [](const Member& m) { return !m.endpoint->hole.empty(); });
    if (holes == 0) return "";
    return Also(std::to_string(holes) +
                " of them were not observed completely") +
           Also(LossText(timeline_));
  }

  void DecideCount(Finding& finding, const CountBound& bound, CountRange range,
                   const std::string& when) const {
    std::string text = std::to_string(range.low);
    if (range.low < range.high) text += " to " + std::to_string(range.high);
    text += when;
    if (bound.min <= range.low && range.high <= bound.max) {
      return Decide(finding, Verdict::kPass, text);
    }
    if (range.high < bound.min || bound.max < range.low) {
      return Decide(finding, Verdict::kFail, text);
    }
    Decide(finding, Verdict::kBroken, text + ": too imprecise" + HolesText());
  }

  void JudgePeak() {
    Finding& finding =
        Add(expected_.place, "peak " + scenario::Describe(*expected_.peak));
    auto peak = std::max_element(
        counts_.begin(), counts_.end(),
        [](const Count& a, const Count& b) { return a.possible < b.possible; });
    std::string when;
    if (peak != counts_.end()) {
      finding.around = peak->at;
      when = " at " + Since(timeline_.begin, peak->at);
    }
    DecideCount(finding, *expected_.peak, Peak(counts_), when);
  }

  void JudgeEnd() {
    Finding& finding = Add(
        expected_.place, "at the end " + scenario::Describe(*expected_.at_end));
    DecideCount(finding, *expected_.at_end,
                Within(counts_, timeline_.end, timeline_.end),
                " when the run ended");
  }

  // When the first one entered: not before anybody could have, and not after
  // somebody surely had.
  Member Edges() const {
    Member edges = members_.front();
    for (const Member& member : members_) {
      edges.possible_from = std::min(edges.possible_from, member.possible_from);
      edges.from = std::min(edges.from, member.from);
      edges.certain_from = std::min(edges.certain_from, member.certain_from);
      edges.certain_to = std::max(edges.certain_to, member.certain_to);
      edges.possible_to = std::max(edges.possible_to, member.possible_to);
      if (member.to <= edges.to) continue;
      edges.to = member.to;
      edges.endpoint = member.endpoint;
    }
    return edges;
  }

  std::string NobodyText() const {
    return "no socket of " + expected_.host + " was ever there";
  }

  void JudgeMoment(const SocketsExpectation::Moment& moment) {
    Finding& finding =
        Add(moment.place, scenario::Describe(moment.sockets) + " " +
                              Format(moment.after) + " after the first");
    if (members_.empty()) {
      return Decide(finding, Verdict::kFail, NobodyText());
    }
    Member edges = Edges();
    TimePoint from = edges.possible_from + moment.after;
    TimePoint to = edges.certain_from + moment.after;
    finding.around = edges.from + moment.after;
    if (to > timeline_.end) {
      return Decide(finding, Verdict::kFail,
                    "the run ended " + Format(timeline_.end - edges.from) +
                        " after the first");
    }
    DecideCount(finding, moment.sockets, Within(counts_, from, to),
                " at " + Since(timeline_.begin, *finding.around));
  }

  Interval Length(const Member& edges) const {
    Interval length;
    length.open = edges.to == TimePoint::max();
    const auto end = [&](TimePoint at) { return std::min(at, timeline_.end); };
    length.low =
        std::max(end(edges.certain_to) - edges.certain_from, Duration::zero());
    length.best = end(edges.to) - edges.from;
    length.high = end(edges.possible_to) - edges.possible_from;
    return length;
  }

  void JudgeLasts() {
    Finding& finding =
        Add(expected_.place, "last " + Describe(*expected_.lasts));
    if (members_.empty()) {
      return Decide(finding, Verdict::kFail, NobodyText());
    }
    Member edges = Edges();
    Interval length = Length(edges);
    std::string actual = (length.open ? "not over after " : "lasted ") +
                         ToString(length) + " from the first to the last";
    if (!length.open) finding.around = edges.to;
    Allowed allowed =
        AllowedLength(*expected_.lasts, *edges.endpoint, environment_);
    if (allowed.unknown) {
      return Decide(finding, allowed.unknown->verdict,
                    actual + ", but " + allowed.unknown->why);
    }
    if (!length.open) AllowForMachine(allowed, 0, timeline_, environment_);
    finding.formula = allowed.formula;
    Conclude(finding, Compare(length, allowed), actual);
    if (finding.verdict == Verdict::kBroken) finding.actual += HolesText();
  }

  const SocketsExpectation& expected_;
  const Timeline& timeline_;
  const Environment& environment_;
  std::vector<Member> members_;
  std::vector<Count> counts_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> JudgeSockets(const SocketsExpectation& expected,
                                  const Timeline& timeline,
                                  const Environment& environment) {
  return SocketsJudge(expected, timeline, environment).Judge();
}

}  // namespace finwait::judge
