// Sysctls by host, in topologies, scenarios and steps.
#include <algorithm>

#include "scenario/decode_topology.h"
#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

bool CheckName(const Node& node, Mistakes& mistakes) {
  if (!IsSysctlName(node.key)) {
    mistakes.Add(node.key_place, Quoted(node.key) + " is no name of a sysctl",
                 "write \"net.ipv4.tcp_fin_timeout\", in quotes");
    return false;
  }
  if (!node.key.starts_with("net.")) {
    mistakes.Add(node.key_place,
                 "sysctl " + Quoted(node.key) + " is not a network one",
                 "only those under \"net.\" belong to a host of a scenario");
    return false;
  }
  return true;
}

}  // namespace

bool IsSysctlName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
  return name.find_first_not_of(kAllowed) == std::string_view::npos &&
         name.find('.') != std::string_view::npos &&
         name.find("..") == std::string_view::npos && name.find('/') != 0 &&
         !name.starts_with('.') && !name.ends_with('.') && !name.ends_with('/');
}

void ReplaceSysctls(const std::vector<Sysctl>& values, Host* host) {
  for (const Sysctl& value : values) {
    auto same = [&](const Sysctl& old) { return old.name == value.name; };
    std::erase_if(host->sysctls, same);
    host->sysctls.push_back(value);
  }
}

std::vector<Sysctl> DecodeSysctls(const Node& node, Mistakes& mistakes) {
  std::vector<Sysctl> values;
  if (!node.is(Node::Kind::kTable)) {
    WrongType(node, mistakes, "write { \"net.ipv4.NAME\" = value }");
    return values;
  }
  for (const Node& child : node.children) {
    if (child.is(Node::Kind::kTable)) {
      mistakes.Add(child.key_place, "sysctl name is not in quotes",
                   "write \"net.ipv4.tcp_fin_timeout\" = 60");
      continue;
    }
    if (!CheckName(child, mistakes)) continue;
    bool scalar = child.is(Node::Kind::kInteger) ||
                  child.is(Node::Kind::kBoolean) ||
                  child.is(Node::Kind::kString);
    if (!scalar) {
      WrongType(child, mistakes, "write an integer, a boolean or a string");
      continue;
    }
    bool flag = child.is(Node::Kind::kBoolean);
    values.push_back({child.key,
                      flag ? std::to_string(child.integer) : child.text,
                      child.key_place});
  }
  return values;
}

void DecodeHostSysctls(const Node& node, Mistakes& mistakes,
                       Topology* topology) {
  if (!node.is(Node::Kind::kTable)) {
    WrongType(node, mistakes, "write [sysctl.HOST]");
    return;
  }
  for (const Node& child : node.children) {
    std::vector<Sysctl> values = DecodeSysctls(child, mistakes);
    bool known = child.key == "*";
    for (Host& host : topology->hosts) {
      bool meant = host.name == child.key ||
                   (child.key == "*" && host.kind != HostKind::kBridge);
      if (meant) ReplaceSysctls(values, &host);
      known = known || meant;
    }
    if (known) continue;
    mistakes.Add(child.key_place, "unknown host " + Quoted(child.key),
                 Suggest(child.key, HostNames(*topology)));
  }
}

}  // namespace finwait::scenario
