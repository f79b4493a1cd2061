// Judges what is expected of one endpoint: its path and its TCP_INFO, and
// collects what is expected of its stays and packets.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "judge/evidence.h"
#include "judge/wording.h"

namespace finwait::judge {
namespace {

using scenario::EndpointExpectation;
using tcp::TcpState;

// --- the path --------------------------------------------------------------

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

// --- TCP_INFO --------------------------------------------------------------

std::map<std::string, std::int64_t> FieldsOf(const tcp::TcpInfo& info) {
  auto us = [](Duration d) {
    return std::chrono::duration_cast<std::chrono::microseconds>(d).count();
  };
  return {{"rto", us(info.rto)},
          {"rtt", us(info.rtt)},
          {"rttvar", us(info.rttvar)},
          {"retransmits", info.retransmits},
          {"probes", info.probes},
          {"backoff", info.backoff},
          {"unacked", info.unacked},
          {"snd_cwnd", info.snd_cwnd},
          {"snd_mss", info.snd_mss},
          {"total_retrans", info.total_retrans},
          {"bytes_acked", static_cast<std::int64_t>(info.bytes_acked)},
          {"bytes_received", static_cast<std::int64_t>(info.bytes_received)},
          {"segs_out", info.segs_out},
          {"segs_in", info.segs_in}};
}

Finding JudgeInfo(const scenario::InfoExpectation& expected,
                  const Evidence& evidence) {
  Finding finding = Begin(evidence, expected.place, "info " + expected.field,
                          scenario::Describe(expected.value));
  std::optional<tcp::TcpInfo> info = LastInfo(evidence.endpoint);
  if (!info) {
    Decide(finding, Verdict::kBroken,
           "nobody saw the socket's TCP_INFO in this run");
    return finding;
  }
  auto fields = FieldsOf(*info);
  auto field = fields.find(expected.field);
  if (field == fields.end()) {
    Decide(finding, Verdict::kUnsupported, "finwait does not read this field");
    return finding;
  }
  std::int64_t value = field->second;
  bool right = expected.value.min <= value && value <= expected.value.max;
  Decide(finding, right ? Verdict::kPass : Verdict::kFail,
         std::to_string(value));
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
    findings.push_back(JudgePackets(packets, evidence));
  }
  for (const auto& info : expected.info) {
    findings.push_back(JudgeInfo(info, evidence));
  }
  return findings;
}

}  // namespace finwait::judge
