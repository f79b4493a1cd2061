// Judges what is expected of one endpoint: its path; and collects what is
// expected of its stays, its packets and its TCP_INFO.
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "judge/doubt.h"
#include "judge/evidence.h"
#include "judge/wording.h"

namespace finwait::judge {
namespace {

using scenario::EndpointExpectation;
using tcp::TcpState;

// --- the path --------------------------------------------------------------

// A state too short for a starved observer is missing from the path.
const tcp::Sample* StarvedBefore(std::size_t index, const Evidence& evidence) {
  if (index >= evidence.stays.size()) return nullptr;
  const tcp::Transition* entry = evidence.stays[index].entry;
  if (!entry || entry->source != tcp::Source::kDiag) return nullptr;
  return StarvedLookAt(*entry, evidence.endpoint, evidence.environment.hz);
}

Finding JudgePath(const EndpointExpectation& expected,
                  const Evidence& evidence) {
  const std::vector<TcpState>& want = *expected.path;
  std::vector<TcpState> got = PathOf(evidence.stays);
  Finding finding =
      Begin(evidence, expected.path_place, "path", PathText(want));
  if (want == got) {
    Decide(finding, Verdict::kPass, PathText(got));
    return finding;
  }
  auto first = std::mismatch(want.begin(), want.end(), got.begin(), got.end());
  auto index = static_cast<std::size_t>(first.first - want.begin());
  finding.expected = PathText(want, index);
  Decide(finding, Verdict::kFail, PathText(got, index));
  const tcp::EndpointTimeline& endpoint = evidence.endpoint;
  if (index < got.size() && evidence.stays[index].entry) {
    finding.around = evidence.stays[index].entry->at;
  } else if (!endpoint.transitions.empty()) {
    finding.around = endpoint.transitions.back().at;
  }
  if (const tcp::Sample* look = StarvedBefore(index, evidence)) {
    Decide(finding, Verdict::kBroken,
           finding.actual + ", but " +
               StarvedText(*look, evidence.timeline.begin));
  }
  return finding;
}

Finding JudgeNever(const EndpointExpectation& expected,
                   const Evidence& evidence) {
  std::string names;
  for (TcpState state : expected.never) {
    names += (names.empty() ? "" : " or ") + std::string(Name(state));
  }
  Finding finding =
      Begin(evidence, expected.never_place, "path", "never in " + names);
  Decide(finding, Verdict::kPass, PathText(PathOf(evidence.stays)));
  for (const Stay& stay : evidence.stays) {
    if (std::count(expected.never.begin(), expected.never.end(), stay.state)) {
      TimePoint at = stay.entry ? stay.entry->at : evidence.timeline.begin;
      Decide(finding, Verdict::kFail,
             "entered " + std::string(Name(stay.state)) + " at " +
                 Since(evidence.timeline.begin, at));
      finding.around = at;
      break;
    }
  }
  return finding;
}

}  // namespace

std::vector<Finding> JudgeEndpoint(const EndpointExpectation& expected,
                                   const Evidence& evidence) {
  std::vector<Finding> findings;
  if (expected.path) findings.push_back(JudgePath(expected, evidence));
  if (!expected.never.empty()) {
    findings.push_back(JudgeNever(expected, evidence));
  }
  for (const auto& state : expected.states) {
    for (Finding& finding : JudgeState(state, evidence)) {
      findings.push_back(std::move(finding));
    }
  }
  if (expected.ends) findings.push_back(JudgeEnding(expected, evidence));
  for (const auto& packets : expected.packets) {
    for (Finding& finding : JudgePackets(packets, evidence)) {
      findings.push_back(std::move(finding));
    }
  }
  for (const auto& info : expected.info) {
    Finding& finding = findings.emplace_back(
        Begin(evidence, info.place, "info " + info.field, Describe(info)));
    JudgeInfo(finding, info, nullptr, evidence);
  }
  return findings;
}

}  // namespace finwait::judge
