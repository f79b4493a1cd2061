// From everything that was seen to what a kernel is answerable for.
#include <algorithm>
#include <array>
#include <tuple>

#include "compare/behaviour.h"
#include "compare/distill_endpoints.h"
#include "compare/resolution.h"
#include "judge/duration.h"
#include "judge/result.h"

namespace finwait::compare {
namespace {

using judge::Result;
using tcp::EndpointTimeline;
using tcp::Timeline;

// TCP's own counters tell what the protocol did. These tell how it came about,
// which is another way in every run: how data was cut into segments, and how
// segments met the scheduler and the buffers (fast path, backlog, merging,
// delayed ACKs, windows that programs filled and emptied).
bool Noisy(std::string_view name) {
  static constexpr std::array<std::string_view, 18> kNoisy = {
      "TcpExtTCPHP",
      "TcpExtTCPPureAcks",
      "TcpExtDelayedACK",
      "TcpExtTCPAckCompressed",
      "TcpExtTCPBacklog",
      "TcpExtTCPRcvCoalesce",
      "TcpExtTCPRcvCollapsed",
      "TcpExtTCPOFOMerge",
      "TcpExtTCPAutoCorking",
      "TcpExtTCPDelivered",
      "TcpExtTCPOrigDataSent",
      "TcpExtTCPSackMerged",
      "TcpExtTCPSackShift",
      "TcpExtTCPFromZeroWindowAdv",
      "TcpExtTCPToZeroWindowAdv",
      "TcpExtTCPWantZeroWindowAdv",
      "TcpInSegs",
      "TcpOutSegs"};
  return std::any_of(kNoisy.begin(), kNoisy.end(), [&](std::string_view noisy) {
    return name.starts_with(noisy);
  });
}

auto CountersOf(const Timeline& timeline) {
  std::map<std::string, std::map<std::string, Count>> counters;
  for (const auto& [host, deltas] : timeline.counters) {
    for (const auto& [name, delta] : deltas) {
      if (name.starts_with("Tcp") && !Noisy(name)) {
        counters[host][name].value = delta;
      }
    }
  }
  return counters;
}

std::map<std::string, Count> SocketsOf(const Timeline& timeline) {
  std::map<std::string, Count> sockets;
  std::map<std::string, const tcp::Census*> last;
  for (const tcp::Census& census : timeline.censuses) {
    last[census.host] = &census;
  }
  for (const auto& [host, census] : last) {
    for (const tcp::SocketCount& count : census->counts) {
      const std::string key = host + " " + std::string(Name(count.state));
      sockets[key].value += count.total;
      if (count.without_process == 0) continue;
      sockets[key + " without process"].value += count.without_process;
    }
  }
  return sockets;
}

// A step begins when the one before it has ended and the machine has a
// processor for it.
Duration PausesOf(const Timeline& timeline) {
  Duration pauses{};
  for (std::size_t n = 1; n < timeline.steps.size(); ++n) {
    const Duration pause = timeline.steps[n].begin - timeline.steps[n - 1].end;
    pauses += std::max(pause, Duration());
  }
  return Rounded(pauses);
}

judge::Lateness LateOf(const Result& result) {
  const auto late = judge::LatenessOf(result.timeline, result.environment);
  return {Rounded(late.timer), Rounded(late.tick)};
}

std::string EndingOf(const tcp::ProgramRecord& program) {
  if (program.exit_code) {
    return "exit code " + std::to_string(*program.exit_code);
  }
  if (program.term_signal) {
    return "signal " + std::to_string(*program.term_signal);
  }
  return "running";
}

std::vector<Program> ProgramsOf(const Timeline& timeline) {
  std::vector<Program> programs;
  for (const tcp::ProgramRecord& program : timeline.programs) {
    programs.push_back({program.host, program.name, EndingOf(program)});
  }
  std::stable_sort(programs.begin(), programs.end(),
                   [](const Program& a, const Program& b) {
                     return std::tie(a.host, a.name) < std::tie(b.host, b.name);
                   });
  return programs;
}

std::vector<Judgement> JudgementsOf(const Result& result) {
  std::vector<Judgement> judgements;
  for (const judge::Finding& finding : result.findings) {
    if (finding.verdict == judge::Verdict::kPass) continue;
    judgements.push_back({finding.subject, finding.expected, finding.verdict});
  }
  return judgements;
}

}  // namespace

std::string WhyUnknown(const Result& result) {
  if (!result.reason.empty()) return result.reason;
  for (const EndpointTimeline& endpoint : result.timeline.endpoints) {
    if (endpoint.hole.empty()) continue;
    return endpoint.host + " " + endpoint.connection +
           " was not observed completely: " + endpoint.hole;
  }
  const std::uint64_t dropped = result.timeline.packets_dropped;
  if (dropped == 0) return "";
  return "the capture lost " + std::to_string(dropped) + " packets";
}

Behaviour Distill(const Result& result) {
  return {.case_name = result.scenario.case_name,
          .kernel = result.environment.kernel,
          .hz = result.environment.hz,
          .virtual_time = result.environment.virtual_time,
          .pauses = PausesOf(result.timeline),
          .late = LateOf(result),
          .verdict = result.verdict,
          .endpoints = EndpointsOf(result),
          .counters = CountersOf(result.timeline),
          .sockets = SocketsOf(result.timeline),
          .programs = ProgramsOf(result.timeline),
          .judgements = JudgementsOf(result)};
}

}  // namespace finwait::compare
