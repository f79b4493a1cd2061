// [[lan]]: any number of hosts at one bridge.
#include <string>

#include "scenario/decode_topology.h"
#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

// More would not fit into one run's namespaces.
constexpr std::int64_t kMostHosts = 4000;

struct Lan {
  std::string bridge;
  std::string host = "host";
  std::int64_t count = 0;
  std::vector<tcp::IpPrefix> networks;
};

// The number-th address of the network; carries through the last three bytes.
tcp::IpPrefix AddressIn(const tcp::IpPrefix& network, int number) {
  tcp::IpPrefix prefix = network;
  prefix.address = tcp::NetworkOf(network).address;
  std::size_t last = network.address.family == tcp::Family::kIpv4 ? 3 : 15;
  for (int rest = number; rest > 0; rest >>= 8) {
    prefix.address.bytes[last--] |= static_cast<std::uint8_t>(rest & 0xff);
  }
  return prefix;
}

// Room for hosts 1 to count without the network's own and broadcast address.
bool HasRoom(const tcp::IpPrefix& network, std::int64_t count) {
  int bits = (network.address.family == tcp::Family::kIpv4 ? 32 : 128) -
             network.length;
  return bits >= 16 || (std::int64_t{1} << bits) - 2 >= count;
}

void DecodeNetwork(Table* table, std::string_view key, tcp::Family family,
                   Lan* lan) {
  tcp::IpPrefix network;
  if (!table->Read(key, &network)) return;
  const Node& node = *table->Find(key);
  if (network.address.family != family || !HasRoom(network, lan->count)) {
    WrongText(node, table->mistakes(),
              "which has no room for " + std::to_string(lan->count) + " hosts",
              "write a larger network, such as " +
                  std::string(family == tcp::Family::kIpv4 ? "\"10.0.0.0/16\""
                                                           : "\"fd00::/64\""));
    return;
  }
  lan->networks.push_back(network);
}

void CheckBridge(const Node& node, const Topology& topology,
                 Mistakes& mistakes) {
  const Host* bridge = topology.FindHost(node.text);
  if (bridge != nullptr && bridge->kind == HostKind::kBridge) return;
  WrongText(node, mistakes, "which is no declared bridge",
            "declare [host." + node.text + "] with bridge = true");
}

void AddHosts(const Lan& lan, const Place& place, Topology* topology) {
  for (int number = 1; number <= lan.count; ++number) {
    std::string name = lan.host + std::to_string(number);
    Link link{.place = place};
    link.a = {name, "eth0", {}, place};
    for (const auto& network : lan.networks) {
      link.a.addresses.push_back(AddressIn(network, number));
    }
    link.b = {lan.bridge, "port" + std::to_string(number), {}, place};
    topology->hosts.push_back({.name = name, .place = place});
    topology->links.push_back(link);
  }
}

}  // namespace

void DecodeLan(const Node& node, Mistakes& mistakes, Topology* topology) {
  Lan lan;
  Table table(node, "lan", mistakes);
  if (table.ReadRequired("bridge", "bridge = \"NAME\"", &lan.bridge)) {
    CheckBridge(*table.Find("bridge"), *topology, mistakes);
  }
  table.Read("host", &lan.host);
  if (const Node* count = table.Require("count", "count = 3")) {
    DecodeInteger(*count, mistakes, 1, kMostHosts, &lan.count);
  }
  DecodeNetwork(&table, "ipv4", tcp::Family::kIpv4, &lan);
  DecodeNetwork(&table, "ipv6", tcp::Family::kIpv6, &lan);
  table.Close();
  if (lan.networks.empty()) {
    mistakes.Add(node.place, "the hosts of this lan have no addresses",
                 "write ipv4 = \"10.0.0.0/16\" or ipv6 = \"fd00::/64\"");
  }
  AddHosts(lan, node.place, topology);
}

}  // namespace finwait::scenario
