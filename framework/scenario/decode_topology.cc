// Topologies, construct by construct.
#include "scenario/decode_topology.h"

#include <algorithm>

#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

void DecodeHost(const Node& node, Mistakes& mistakes, Topology* topology) {
  Table table(node, "host", mistakes);
  bool router = false;
  bool bridge = false;
  table.Read("router", &router);
  table.Read("bridge", &bridge);
  table.Close();
  if (router && bridge) {
    mistakes.Add(node.key_place,
                 "host " + Quoted(node.key) + " is a router and a bridge",
                 "leave one of them out");
  }
  Host host{.name = node.key, .place = node.key_place};
  if (router) host.kind = HostKind::kRouter;
  if (bridge) host.kind = HostKind::kBridge;
  topology->hosts.push_back(host);
}

void CheckDeclared(const Node& node, const Topology& topology,
                   Mistakes& mistakes) {
  if (topology.FindHost(node.text) != nullptr) return;
  WrongText(node, mistakes, "which is no declared host",
            "declare [host." + node.text +
                "], or: " + Suggest(node.text, HostNames(topology)));
}

Interface DecodeInterface(const Node& node, Mistakes& mistakes,
                          const Topology& topology) {
  Interface interface;
  interface.place = node.place;
  Table table(node, "end of a link", mistakes);
  if (table.ReadRequired("host", "host = \"NAME\"", &interface.host)) {
    CheckDeclared(*table.Find("host"), topology, mistakes);
  }
  if (!table.Read("interface", &interface.name)) {
    interface.name = NextInterfaceName(topology, interface.host);
  }
  if (const Node* addresses = table.Find("addresses")) {
    if (!addresses->is(Node::Kind::kArray)) {
      WrongType(*addresses, mistakes, "write an array, [\"10.0.0.1/24\"]");
    }
    for (const Node& item : addresses->children) {
      tcp::IpPrefix prefix;
      if (Decode(item, mistakes, &prefix))
        interface.addresses.push_back(prefix);
    }
  }
  table.Close();
  return interface;
}

void DecodeLink(const Node& node, Mistakes& mistakes, Topology* topology) {
  Link link;
  link.place = node.place;
  Table table(node, "link", mistakes);
  constexpr std::string_view kExample = "{ host = \"NAME\", addresses = [] }";
  if (const Node* from = table.Require("from", kExample)) {
    link.a = DecodeInterface(*from, mistakes, *topology);
  }
  if (const Node* to = table.Require("to", kExample)) {
    link.b = DecodeInterface(*to, mistakes, *topology);
  }
  if (table.Read("mtu", &link.mtu) && (link.mtu < 68 || link.mtu > 65535)) {
    // 68: the least that IPv4 asks of a link (RFC 791 section 3.2).
    mistakes.Add(table.Find("mtu")->place,
                 "'mtu' is " + std::to_string(link.mtu),
                 "write a number of bytes from 68 to 65535");
  }
  table.Read("offload", &link.offload);
  table.Close();
  topology->links.push_back(link);
}

// Where "default" goes is known by the family of the next hop.
bool DecodeDestination(const Node& node, Mistakes& mistakes, tcp::Family family,
                       tcp::IpPrefix* out) {
  if (node.is(Node::Kind::kString) && node.text == "default") {
    out->address.family = family;
    return true;
  }
  return Decode(node, mistakes, out);
}

void DecodeRoute(const Node& node, Mistakes& mistakes, Topology* topology) {
  Route route;
  route.place = node.place;
  Table table(node, "route", mistakes);
  if (table.ReadRequired("host", "host = \"NAME\"", &route.host)) {
    CheckDeclared(*table.Find("host"), *topology, mistakes);
  }
  bool complete = table.ReadRequired("via", "via = \"10.0.0.1\"", &route.via);
  if (const Node* to = table.Require("to", "to = \"default\"")) {
    complete = DecodeDestination(*to, mistakes, route.via.family,
                                 &route.destination) &&
               complete;
  }
  table.Close();
  if (complete) topology->routes.push_back(route);
}

void DecodeEach(const Node* nodes, Mistakes& mistakes, Topology* topology,
                void (*decode)(const Node&, Mistakes&, Topology*)) {
  if (nodes == nullptr) return;
  for (const Node* node : TablesOf(*nodes, mistakes)) {
    decode(*node, mistakes, topology);
  }
}

void DecodeHosts(const Node* hosts, Mistakes& mistakes, Topology* topology) {
  if (hosts == nullptr) return;
  if (!hosts->is(Node::Kind::kTable)) {
    WrongType(*hosts, mistakes, "write [host.NAME]");
  }
  for (const Node& host : hosts->children) {
    DecodeHost(host, mistakes, topology);
  }
}

}  // namespace

std::string NextInterfaceName(const Topology& topology,
                              const std::string& host) {
  for (int number = 0;; ++number) {
    std::string name = "eth" + std::to_string(number);
    if (topology.FindEnd(host + ":" + name) == nullptr) return name;
  }
}

std::vector<std::string> HostNames(const Topology& topology) {
  std::vector<std::string> names;
  for (const Host& host : topology.hosts) names.push_back(host.name);
  return names;
}

Topology DecodeTopology(const Node& node, const std::string& name,
                        Mistakes& mistakes) {
  Topology topology;
  topology.name = name;
  Table table(node, "topology", mistakes);
  table.Read("title", &topology.title);
  table.Find("parameter");  // filled in before
  DecodeHosts(table.Find("host"), mistakes, &topology);
  const Node* links = table.Find("link");
  DecodeEach(table.Find("lan"), mistakes, &topology, &DecodeLan);
  DecodeEach(links, mistakes, &topology, &DecodeLink);
  DecodeEach(table.Find("route"), mistakes, &topology, &DecodeRoute);
  if (const Node* sysctls = table.Find("sysctl")) {
    DecodeHostSysctls(*sysctls, mistakes, &topology);
  }
  table.Close();
  CheckTopology(topology, mistakes);
  if (mistakes.empty()) AddAutomaticRoutes(&topology);
  return topology;
}

}  // namespace finwait::scenario
