#include "lab/probe.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "lab/lab.h"
#include "lab/sources.h"
#include "netlink/destroy_events.h"
#include "netlink/packet_filter.h"
#include "netlink/qdisc.h"
#include "netlink/sock_diag.h"
#include "netns/mount_namespace.h"
#include "netns/namespace.h"
#include "netns/sysctl.h"
#include "observe/capture.h"
#include "process/program.h"

namespace finwait::lab {
namespace {

// A feature, and how to find out: `works` throws Error if it does not.
struct Trial {
  std::string name;
  std::string cost;
  std::string remedy;
  std::function<std::string()> works;  // returns the detail
  bool indispensable = false;
};

scenario::Topology TwoHosts(bool bridge) {
  scenario::Topology topology{.name = "probe"};
  topology.hosts.resize(2);
  topology.hosts[0].name = "a";
  topology.hosts[1].name = "b";
  if (bridge) topology.hosts[1].kind = scenario::HostKind::kBridge;
  scenario::Link& link = topology.links.emplace_back();
  link.a.host = "a";
  link.b.host = "b";
  link.a.name = link.b.name = "eth0";
  return topology;
}

std::string TryNamespaces() {
  Lab lab(TwoHosts(/*bridge=*/false));
  return "hosts with links between them";
}

std::string TrySockDiag() {
  const auto ns = netns::Namespace::Create();
  netlink::SockDiag(ns).Dump(~0U, false);
  netlink::DestroyEvents events(ns);
  return "exact lookups and notices of destroyed sockets";
}

std::string TryCapture() {
  const auto ns = netns::Namespace::Create();
  netlink::Rtnetlink(ns).LoopbackUp();
  observe::Capture::Open(ns, "lo", 1 << 16);
  return "time stamps from the kernel";
}

// What the kernel events of a run say of themselves, by the source's name.
std::map<std::string, tcp::SourceRecord> KernelEventRecords() {
  std::map<std::string, tcp::SourceRecord> records;
  const Ground ground = PrepareGround(/*wanted=*/true);
  if (!ground.wanted) throw Error("BPF", "FINWAIT_NO_BPF is set");
  Lab lab(TwoHosts(/*bridge=*/false));
  const process::Cgroup* cgroup = ground.cgroup ? &*ground.cgroup : nullptr;
  for (const auto& source : SourcesOf(ground, cgroup, lab)) {
    for (const auto& record : source->Records()) records[record.name] = record;
  }
  return records;
}

std::string Detail(const tcp::SourceRecord& record) {
  if (!record.used) throw Error(record.name, record.detail);
  return record.detail;
}

std::string TryStates() {
  auto records = KernelEventRecords();
  const tcp::SourceRecord& tracepoint = records["state tracepoint"];
  if (!tracepoint.used) return Detail(records["sockops"]);
  return tracepoint.detail + " (" + records["sockops"].detail + ")";
}

std::string TryTimers() {
  return Detail(KernelEventRecords()["timer tracepoints"]);
}

std::string TryIpv6() {
  const auto ns = netns::Namespace::Create();
  const auto disabled =
      netns::ReadSysctl(ns, "net.ipv6.conf.default.disable_ipv6");
  if (!disabled) throw Error("IPv6", "not in this kernel");
  return "addresses usable at once";
}

std::string TryBridge() {
  Lab lab(TwoHosts(/*bridge=*/true));
  return "links joined into a LAN";
}

std::string TryPrivateRun() {
  bool made = false;
  std::thread([&] { made = netns::MakeRunPrivate(); }).join();
  if (!made) throw Error("/run of its own", "mounting it was refused");
  return "an empty /run for the programs of each run";
}

std::string TryNetem() {
  if (!netlink::HasNetem()) throw Error("netem", "not in this kernel");
  return "delay, loss, rate";
}

std::string TryPacketFilter() {
  if (!netlink::HasPacketFilter()) {
    throw Error("nftables' netdev family", "not in this kernel");
  }
  return "black holes, the n-th matching segment";
}

std::vector<Trial> Trials() {
  return {
      {"namespaces", "nothing can be run",
       "CONFIG_NET_NS and CONFIG_VETH; in a container, a writable /proc/sys",
       TryNamespaces, /*indispensable=*/true},
      {"inet_diag", "states cannot be verified: nothing can be run",
       "CONFIG_INET_TCP_DIAG (module tcp_diag)", TrySockDiag,
       /*indispensable=*/true},
      {"capture", "states between two looks cannot be seen: nothing can be run",
       "CONFIG_PACKET (module af_packet), and CAP_NET_RAW in a container",
       TryCapture, /*indispensable=*/true},
      {"sockops",
       "changes of state are told by segments: up to 1 ms from the truth, and "
       "no better than the evidence under netem",
       "root (CAP_BPF, CAP_NET_ADMIN), cgroup v2 that may be written, and "
       "Linux 5.15",
       TryStates},
      {"timer tracepoints",
       "a minisock's end is found by looking once per millisecond, 1 ms wide",
       "root (CAP_BPF, CAP_PERFMON) and BTF (CONFIG_DEBUG_INFO_BTF)",
       TryTimers},
      {"ipv6", "scenarios with IPv6 addresses are skipped",
       "CONFIG_IPV6 and no ipv6.disable=1", TryIpv6},
      {"bridge", "topologies with bridges are skipped",
       "CONFIG_BRIDGE (module bridge)", TryBridge},
      {"sch_netem", "scenarios with delay, loss or rate are skipped",
       "CONFIG_NET_SCH_NETEM (module sch_netem), or another kernel", TryNetem},
      {"nf_tables", "black holes and chosen drops are skipped",
       "CONFIG_NF_TABLES_NETDEV (module nf_tables)", TryPacketFilter},
      {"private_run", "programs see, and may write to, the host's /run",
       "a container that permits mount(2)", TryPrivateRun},
  };
}

Feature Try(const Trial& trial) {
  Feature feature{.name = trial.name,
                  .available = false,
                  .detail = {},
                  .cost = trial.cost,
                  .remedy = trial.remedy,
                  .indispensable = trial.indispensable};
  try {
    feature.detail = trial.works();
    feature.available = true;
  } catch (const Error& error) {
    const bool exhausted = error.code() == EMFILE || error.code() == ENFILE ||
                           error.code() == ENOMEM;
    if (exhausted) throw;  // says nothing about the feature
    feature.detail = error.what();
  }
  return feature;
}

// Throws Unsupported where nobody knows how to try it.
Feature Try(const std::string& name) {
  const auto trials = Trials();
  const auto trial =
      std::find_if(trials.begin(), trials.end(),
                   [&](const Trial& t) { return t.name == name; });
  if (trial == trials.end()) throw Unsupported(name, "a later finwait");
  return Try(*trial);
}

void RequireFeature(const std::string& name) {
  const Feature feature = Try(name);
  if (!feature.available) throw Unsupported(name, feature.remedy);
}

// "6.18.44-amd64" as {6, 18, 44}.
std::array<int, 3> Version(const std::string& text) {
  std::array<int, 3> version{};
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end && (*at < '0' || *at > '9')) ++at;
  for (int& number : version) {
    const auto parsed = std::from_chars(at, end, number);
    at = parsed.ptr;
    if (at == end || *at != '.') break;
    ++at;
  }
  return version;
}

}  // namespace

std::vector<Feature> Probe() {
  std::vector<Feature> features;
  for (const Trial& trial : Trials()) features.push_back(Try(trial));
  features.push_back({.name = "timer resolution",
                      .available = true,
                      .detail = "HZ " + std::to_string(KernelHz()),
                      .cost = {},
                      .remedy = {}});
  return features;
}

bool HasFeature(const std::string& name) { return Try(name).available; }

void RequireFeatures(const scenario::Scenario& scenario) {
  for (const std::string& name : scenario.requirements.features) {
    RequireFeature(name);
  }
  for (const std::string& program : scenario.requirements.programs) {
    if (!process::FindExecutable(program)) {
      throw Unsupported("program " + program, "installing it");
    }
  }
  const std::string& range = scenario.requirements.kernel;
  utsname name{};
  uname(&name);
  if (!range.empty() && !KernelWithin(name.release, range)) {
    throw Unsupported("kernel " + range,
                      std::string("this one is ") + name.release);
  }
}

bool KernelWithin(const std::string& release, const std::string& range) {
  const auto have = Version(release);
  const auto bound = Version(range);
  if (range.starts_with(">=")) return have >= bound;
  if (range.starts_with("<=")) return have <= bound;
  if (range.starts_with(">")) return have > bound;
  if (range.starts_with("<")) return have < bound;
  return have == bound;
}

}  // namespace finwait::lab
