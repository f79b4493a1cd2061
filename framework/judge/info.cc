// Judges TCP_INFO.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "judge/doubt.h"
#include "judge/evidence.h"
#include "judge/wording.h"

namespace finwait::judge {
namespace {

using std::chrono::microseconds;

std::map<std::string, std::int64_t> FieldsOf(const tcp::TcpInfo& info) {
  auto us = [](Duration d) {
    return std::chrono::duration_cast<microseconds>(d).count();
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

bool IsDuration(const std::string& field) {
  return field == "rto" || field == "rtt" || field == "rttvar";
}

std::string ValueText(const std::string& field, std::int64_t value) {
  return IsDuration(field) ? Format(microseconds(value))
                           : std::to_string(value);
}

// The last look at the full socket, in `stay` or at all.
const tcp::Sample* LastLook(const Stay* stay,
                            const tcp::EndpointTimeline& endpoint) {
  const tcp::Sample* last = nullptr;
  if (!stay) {
    for (const tcp::Sample& look : endpoint.samples) {
      if (look.facts && look.facts->info) last = &look;
    }
    return last;
  }
  for (const tcp::Sample* look : SamplesIn(*stay, endpoint)) {
    if (look->facts->info) last = look;
  }
  return last;
}

}  // namespace

std::string Describe(const scenario::InfoExpectation& expected) {
  const scenario::CountBound& bound = expected.value;
  if (!IsDuration(expected.field)) return scenario::Describe(bound);
  std::string min = ValueText(expected.field, bound.min);
  if (bound.max == INT64_MAX) return "at least " + min;
  std::string max = ValueText(expected.field, bound.max);
  if (bound.min == bound.max) return min;
  if (bound.min == 0) return "at most " + max;
  return "between " + min + " and " + max;
}

void JudgeInfo(Finding& finding, const scenario::InfoExpectation& expected,
               const Stay* stay, const Evidence& evidence) {
  const tcp::Sample* look = LastLook(stay, evidence.endpoint);
  if (!look) {
    return Decide(finding, Verdict::kBroken,
                  std::string("nobody saw the socket's TCP_INFO in this ") +
                      (stay ? "state" : "run"));
  }
  auto fields = FieldsOf(*look->facts->info);
  auto field = fields.find(expected.field);
  if (field == fields.end()) {
    return Decide(finding, Verdict::kUnsupported,
                  "finwait does not read this field");
  }
  std::int64_t value = field->second;
  TimePoint begin = evidence.timeline.begin;
  std::string actual =
      ValueText(expected.field, value) + " at " + Since(begin, look->before);
  finding.around = look->before;
  if (expected.value.min <= value && value <= expected.value.max) {
    return Decide(finding, Verdict::kPass, actual);
  }
  if (!IsStarved(*look, evidence.environment.hz)) {
    return Decide(finding, Verdict::kFail, actual);
  }
  Decide(finding, Verdict::kBroken,
         actual + ", but " + StarvedText(*look, begin));
}

}  // namespace finwait::judge
