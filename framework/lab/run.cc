#include "lab/run.h"

#include <sys/utsname.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "judge/blame.h"
#include "lab/lab.h"
#include "lab/player.h"
#include "lab/probe.h"
#include "lab/step_failure.h"
#include "netns/sysctl.h"
#include "observe/counters.h"
#include "process/owners.h"
#include "tcp/formula.h"

namespace finwait::lab {
namespace {

using judge::Result;
using judge::Verdict;

// The machine part of a run. Members are torn down in reverse order: programs
// and actors before the observer that watches them, the sandbox's init, which
// destroys leftover sockets, before the last descriptors of the namespaces.
struct Stage {
  Lab lab;
  process::Sandbox sandbox;
  std::map<std::string, observe::Counters> counters_before;
  observe::Observer observer;
  Programs programs;
  Sockets sockets;

  Stage(const scenario::Scenario& scenario, const RunOptions& options)
      : lab(scenario.topology),
        counters_before(ReadAllCounters(lab)),
        observer(lab.Vantages(), {.names = scenario.connections,
                                  .on_transition = options.on_transition,
                                  .sources = {}}),
        programs(lab, sandbox, options.interrupt_fd),
        sockets(lab, sandbox, observer, programs) {
    for (const auto& host : scenario.topology.hosts) {
      sandbox.Register(lab.In(host.name));
    }
    for (const scenario::InitialImpairment& initial : scenario.impairments) {
      lab.Impair(initial.end, initial.impairment);
    }
  }

  static std::map<std::string, observe::Counters> ReadAllCounters(
      const Lab& lab) {
    std::map<std::string, observe::Counters> counters;
    for (const scenario::Host& host : lab.topology().hosts) {
      if (host.kind == scenario::HostKind::kBridge) continue;
      counters[host.name] = observe::ReadCounters(lab.In(host.name));
    }
    return counters;
  }
};

std::string KernelRelease() {
  utsname name{};
  uname(&name);
  return name.release;
}

void FillEnvironment(const Lab& lab, judge::Environment& environment) {
  for (const scenario::Host& host : lab.topology().hosts) {
    for (const auto& [name, value] :
         netns::ReadIntegers(lab.In(host.name), tcp::FormulaSysctls())) {
      environment.sysctls[host.name][name] = value;
    }
  }
}

// Who holds which socket, while the processes still live.
std::map<std::string, std::multimap<std::uint32_t, tcp::Owner>> AllOwners(
    const Lab& lab) {
  std::map<std::string, std::multimap<std::uint32_t, tcp::Owner>> owners;
  for (const scenario::Host& host : lab.topology().hosts) {
    if (host.kind == scenario::HostKind::kBridge) continue;
    owners[host.name] = process::SocketOwners(lab.In(host.name));
  }
  return owners;
}

void AddOwners(tcp::EndpointTimeline& endpoint,
               const std::multimap<std::uint32_t, tcp::Owner>& owners) {
  if (endpoint.samples.empty()) return;
  const auto& facts = endpoint.samples.back().facts;
  if (!facts || facts->inode == 0) return;
  const auto [first, last] = owners.equal_range(facts->inode);
  for (auto owner = first; owner != last; ++owner) {
    endpoint.owners.push_back(owner->second);
  }
}

// Takes everything that was seen into the timeline.
void Collect(Stage& stage, tcp::Timeline& timeline) {
  auto owners = AllOwners(stage.lab);
  observe::Observer::Seen seen = stage.observer.Finish();
  timeline.end = MonotonicClock::now();
  timeline.endpoints = std::move(seen.endpoints);
  timeline.packets_dropped = seen.packets_dropped;
  timeline.programs = stage.programs.Records();
  for (tcp::EndpointTimeline& endpoint : timeline.endpoints) {
    endpoint.options =
        stage.sockets.OptionsOf(endpoint.host, endpoint.connection);
    AddOwners(endpoint, owners[endpoint.host]);
  }
  for (const auto& [host, after] : Stage::ReadAllCounters(stage.lab)) {
    timeline.counters[host] =
        observe::Difference(stage.counters_before[host], after);
  }
}

void Conclude(Result& result, std::optional<judge::Finding> failed_step) {
  result.findings =
      judge::Judge(result.scenario, result.timeline, result.environment);
  if (failed_step) {
    result.findings.insert(result.findings.begin(), std::move(*failed_step));
  }
  for (const judge::Finding& finding : result.findings) {
    result.verdict = judge::Merge(result.verdict, finding.verdict);
  }
  result.blame = judge::Blame(result.timeline, result.environment);
}

void PlayAndJudge(const RunOptions& options, Result& result) {
  result.timeline.begin = MonotonicClock::now();
  Stage stage(result.scenario, options);
  FillEnvironment(stage.lab, result.environment);
  Player player(result.scenario, stage.lab, stage.observer, stage.programs,
                stage.sockets, options.on_step);
  result.timeline.begin = MonotonicClock::now();
  try {
    auto failed_step = player.Play(result.timeline);
    Collect(stage, result.timeline);
    Conclude(result, std::move(failed_step));
  } catch (...) {
    Collect(stage, result.timeline);
    throw;
  }
}

void Break(Result& result, Verdict verdict, const std::string& reason) {
  result.verdict = verdict;
  result.reason = reason;
}

}  // namespace

Result Run(const scenario::Scenario& scenario, const RunOptions& options) {
  Result result;
  result.scenario = scenario;
  result.environment.hz = KernelHz();
  result.environment.kernel = KernelRelease();
  result.timeline.begin = result.timeline.end = MonotonicClock::now();
  try {
    RequireFeatures(scenario);
    PlayAndJudge(options, result);
  } catch (const Unsupported& unsupported) {
    Break(result, Verdict::kUnsupported, unsupported.what());
  } catch (const Interrupted&) {
    Break(result, Verdict::kBroken, "interrupted");
  } catch (const std::exception& error) {
    Break(result, Verdict::kBroken, error.what());
  }
  return result;
}

}  // namespace finwait::lab
