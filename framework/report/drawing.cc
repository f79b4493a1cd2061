// Networks as text: every link with a box at either end; of large networks
// the leaves are summed up.
#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "report/terminal.h"
#include "report/text.h"

namespace finwait::report {
namespace {

using scenario::Host;
using scenario::HostKind;
using scenario::InitialImpairment;
using scenario::Interface;
using scenario::Link;
using scenario::Topology;

// More hosts than this are not all drawn.
constexpr std::size_t kMostHosts = 12;

std::string KindText(HostKind kind) {
  switch (kind) {
    case HostKind::kRouter:
      return "router";
    case HostKind::kBridge:
      return "bridge";
    case HostKind::kHost:
      break;
  }
  return "host";
}

// --- one link --------------------------------------------------------------

std::vector<std::string> AddressLines(const Interface& end) {
  std::vector<std::string> lines;
  for (const auto& address : end.addresses) lines.push_back(ToString(address));
  return lines;
}

std::string LineOr(const std::vector<std::string>& lines, std::size_t n) {
  return n < lines.size() ? lines[n] : "";
}

std::size_t Widest(const std::vector<std::string>& lines) {
  std::size_t widest = 0;
  for (const std::string& line : lines) {
    widest = std::max(widest, Columns(line));
  }
  return widest;
}

std::string LinkNote(const Link& link) {
  std::string note;
  if (link.mtu != 1500) note += " mtu " + std::to_string(link.mtu) + " ";
  if (!link.offload) note += " no offload ";
  return note;
}

std::string ImpairmentText(const Interface& end,
                           const std::vector<InitialImpairment>& impairments) {
  for (const InitialImpairment& impairment : impairments) {
    if (impairment.end != EndName(end)) continue;
    return "    what leaves " + impairment.end + ": " +
           Describe(impairment.impairment) + "\n";
  }
  return "";
}

// ┌────────┐                            ┌────────┐
// │ client ├ eth0 ──────────────── eth0 ┤ server │
// └────────┘ 10.0.0.1/24    10.0.0.2/24 └────────┘
std::string LinkText(const Link& link) {
  std::vector<std::string> left = AddressLines(link.a);
  std::vector<std::string> right = AddressLines(link.b);
  std::string names = " " + link.a.name + " ─" + LinkNote(link);
  std::string far = "─ " + link.b.name + " ";
  std::size_t middle = std::max(Columns(names) + Columns(far) + 8,
                                Widest(left) + Widest(right) + 6);
  std::string wire =
      names + Repeat("─", middle - Columns(names) - Columns(far)) + far;
  std::size_t a = Columns(link.a.host) + 2;
  std::size_t b = Columns(link.b.host) + 2;
  std::string text = "┌" + Repeat("─", a) + "┐" + std::string(middle, ' ') +
                     "┌" + Repeat("─", b) + "┐\n";
  text += "│ " + link.a.host + " ├" + wire + "┤ " + link.b.host + " │\n";
  for (std::size_t n = 0;
       n < std::max({left.size(), right.size(), std::size_t{1}}); ++n) {
    std::string far_line = LineOr(right, n);
    std::string addresses =
        " " + PadRight(LineOr(left, n), middle - 2 - Columns(far_line)) +
        far_line;
    text += n == 0 ? "└" + Repeat("─", a) + "┘" + addresses + " └" +
                         Repeat("─", b) + "┘\n"
                   : std::string(a + 2, ' ') + addresses + "\n";
  }
  return text;
}

// --- large networks --------------------------------------------------------

std::size_t LinksOf(const Topology& topology, const std::string& host) {
  auto touches = [&](const Link& link) {
    return link.a.host == host || link.b.host == host;
  };
  return static_cast<std::size_t>(
      std::count_if(topology.links.begin(), topology.links.end(), touches));
}

bool IsLeaf(const Topology& topology, const std::string& name) {
  const Host* host = topology.FindHost(name);
  return host && host->kind == HostKind::kHost && LinksOf(topology, name) == 1;
}

// The end of `link` at a leaf and the other one; none if it has no leaf.
const Interface* LeafOf(const Topology& topology, const Link& link) {
  if (IsLeaf(topology, link.a.host)) return &link.a;
  if (IsLeaf(topology, link.b.host)) return &link.b;
  return nullptr;
}

std::string FirstAddress(const Interface& end) {
  return end.addresses.empty() ? "no address" : ToString(end.addresses[0]);
}

// "switch ── 20 hosts: host1 (10.0.0.1/16) to host20 (10.0.0.20/16)"
std::string LeavesText(const std::string& hub,
                       const std::vector<const Interface*>& leaves) {
  const Interface& first = *leaves.front();
  const Interface& last = *leaves.back();
  std::string text = hub + " ── " + Plural(leaves.size(), "host") + ": " +
                     first.host + " (" + FirstAddress(first) + ")";
  if (leaves.size() > 1) {
    text += " to " + last.host + " (" + FirstAddress(last) + ")";
  }
  return text + "\n";
}

std::string Summary(const Topology& topology) {
  std::map<std::string, std::vector<const Interface*>> leaves;
  for (const Link& link : topology.links) {
    const Interface* leaf = LeafOf(topology, link);
    if (!leaf) continue;
    const Interface& hub = leaf == &link.a ? link.b : link.a;
    leaves[hub.host].push_back(leaf);
  }
  std::string text;
  for (const auto& [hub, ends] : leaves) text += LeavesText(hub, ends);
  return text;
}

// --- hosts -----------------------------------------------------------------

bool HasNote(const Host& host) {
  return host.kind != HostKind::kHost || !host.sysctls.empty();
}

std::string HostText(const Host& host) {
  std::string text = "  " + host.name + " (" + KindText(host.kind) + ")\n";
  for (const auto& sysctl : host.sysctls) {
    text += "    " + sysctl.name + " = " + sysctl.value + "\n";
  }
  return text;
}

}  // namespace

std::string DrawTopology(const Topology& topology, const Style& style,
                         const std::vector<InitialImpairment>& impairments) {
  std::string text = Paint(topology.name, Color::kBold, style);
  if (!topology.title.empty()) text += ": " + topology.title;
  text += "\n\n";
  const bool large = topology.hosts.size() > kMostHosts;
  if (large) text += Summary(topology);
  for (const Link& link : topology.links) {
    bool drawn = !large || !LeafOf(topology, link);
    if (drawn) text += LinkText(link);
    text += ImpairmentText(link.a, impairments);
    text += ImpairmentText(link.b, impairments);
  }
  std::string notes;
  for (const Host& host : topology.hosts) {
    if (HasNote(host)) notes += HostText(host);
  }
  return notes.empty() ? text : text + "\n" + notes;
}

}  // namespace finwait::report
