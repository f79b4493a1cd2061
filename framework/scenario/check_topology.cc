// Holds a topology against itself: names, addresses, routes.
#include <map>
#include <string_view>

#include "scenario/decode_topology.h"
#include "scenario/segment.h"

namespace finwait::scenario {
namespace {

// IFNAMSIZ (Linux: include/uapi/linux/if.h) without the ending zero.
constexpr std::size_t kLongestInterfaceName = 15;

bool IsName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return !name.empty() &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

// Verbs of steps that stand where a host's name stands.
bool IsReserved(std::string_view name) {
  for (std::string_view verb :
       {"wait", "count", "impair", "lift", "link", "blackhole", "drop",
        "restore", "within", "async", "duration", "end", "output", "call",
        "packet", "sockets", "on"}) {
    if (name == verb) return true;
  }
  return false;
}

void CheckHosts(const Topology& topology, Mistakes& mistakes) {
  std::map<std::string, Place> seen;
  for (const Host& host : topology.hosts) {
    if (!IsName(host.name)) {
      mistakes.Add(host.place, Quoted(host.name) + " is no name for a host",
                   "use letters, digits, '-', '_' and '.'");
    }
    if (IsReserved(host.name)) {
      mistakes.Add(host.place,
                   "host " + Quoted(host.name) + " is a key of steps",
                   "choose another name");
    }
    auto [first, added] = seen.try_emplace(host.name, host.place);
    if (added) continue;
    mistakes.Add(
        host.place, "second host " + Quoted(host.name),
        "choose another name; the first is at " + ToString(first->second));
  }
  if (topology.hosts.empty() && mistakes.empty()) {
    mistakes.Add({}, "topology " + Quoted(topology.name) + " has no hosts",
                 "declare some, [host.client]");
  }
}

void CheckInterfaceName(const Interface& interface, Mistakes& mistakes) {
  bool good = IsName(interface.name) &&
              interface.name.size() <= kLongestInterfaceName &&
              interface.name != "lo";
  if (good) return;
  mistakes.Add(interface.place,
               Quoted(interface.name) + " is no name for an interface",
               "write at most 15 letters and digits, such as \"eth0\"");
}

std::vector<const Interface*> EndsOf(const Topology& topology) {
  std::vector<const Interface*> ends;
  for (const Link& link : topology.links) {
    ends.push_back(&link.a);
    ends.push_back(&link.b);
  }
  return ends;
}

void CheckInterfaces(const Topology& topology, Mistakes& mistakes) {
  std::map<std::string, Place> names;
  std::map<tcp::IpAddress, const Interface*> addresses;
  for (const Interface* end : EndsOf(topology)) {
    CheckInterfaceName(*end, mistakes);
    if (!names.try_emplace(EndName(*end), end->place).second) {
      mistakes.Add(end->place, "second interface " + Quoted(EndName(*end)),
                   "write interface = \"" +
                       NextInterfaceName(topology, end->host) + "\"");
    }
    for (const auto& prefix : end->addresses) {
      auto [first, added] = addresses.try_emplace(prefix.address, end);
      if (added) continue;
      mistakes.Add(end->place,
                   "address " + tcp::ToString(prefix.address) +
                       " is taken by " + EndName(*first->second),
                   "give each interface an address of its own");
    }
  }
}

// Is `prefix` the network's own or its broadcast address?
bool NamesNoHost(const tcp::IpPrefix& prefix) {
  if (prefix.address.family != tcp::Family::kIpv4) return false;
  if (prefix.length >= 31) return false;  // RFC 3021
  std::uint32_t host = 0;
  for (int i = 0; i < 4; ++i) host = host << 8 | prefix.address.bytes[i];
  std::uint32_t mask = UINT32_MAX >> prefix.length;
  return (host & mask) == 0 || (host & mask) == mask;
}

bool HasNeighbour(const Segment& segment, const Interface& interface,
                  const tcp::IpPrefix& prefix) {
  for (const Interface* other : segment) {
    if (other == &interface) continue;
    for (const auto& candidate : other->addresses) {
      if (tcp::NetworkOf(candidate) == tcp::NetworkOf(prefix)) return true;
    }
  }
  return false;
}

void CheckAddress(const Segment& segment, const Interface& interface,
                  const tcp::IpPrefix& prefix, Mistakes& mistakes) {
  if (NamesNoHost(prefix)) {
    mistakes.Add(interface.place,
                 tcp::ToString(prefix) + " is the address of no host",
                 "leave out the first and the last address of a network");
  }
  if (segment.size() > 1 && !HasNeighbour(segment, interface, prefix)) {
    mistakes.Add(interface.place,
                 "address " + tcp::ToString(prefix) + " of " +
                     EndName(interface) + " does not fit the link",
                 "give the other end an address in " +
                     tcp::ToString(tcp::NetworkOf(prefix)) + ", too");
  }
}

void CheckBridgeEnds(const Topology& topology, Mistakes& mistakes) {
  for (const Interface* end : EndsOf(topology)) {
    const Host* host = topology.FindHost(end->host);
    if (host == nullptr || host->kind != HostKind::kBridge) continue;
    if (end->addresses.empty()) continue;
    mistakes.Add(end->place, "bridge " + Quoted(end->host) + " has an address",
                 "leave 'addresses' out: a bridge has none");
  }
}

bool ReachesDirectly(const Topology& topology, const Route& route) {
  for (const Interface* end : EndsOf(topology)) {
    if (end->host != route.host) continue;
    for (const auto& prefix : end->addresses) {
      if (tcp::Contains(tcp::NetworkOf(prefix), route.via)) return true;
    }
  }
  return false;
}

void CheckRoutes(const Topology& topology, Mistakes& mistakes) {
  for (const Route& route : topology.routes) {
    if (route.destination.address.family != route.via.family) {
      mistakes.Add(route.place, "'to' and 'via' are of different families",
                   "write both as IPv4 or both as IPv6");
    } else if (!ReachesDirectly(topology, route)) {
      mistakes.Add(route.place,
                   "host " + Quoted(route.host) + " has no link to " +
                       tcp::ToString(route.via),
                   "'via' must be a neighbour's address");
    }
  }
}

}  // namespace

void CheckTopology(const Topology& topology, Mistakes& mistakes) {
  CheckHosts(topology, mistakes);
  CheckInterfaces(topology, mistakes);
  CheckBridgeEnds(topology, mistakes);
  for (const Segment& segment : SegmentsOf(topology)) {
    for (const Interface* interface : segment) {
      for (const auto& prefix : interface->addresses) {
        CheckAddress(segment, *interface, prefix, mistakes);
      }
    }
  }
  CheckRoutes(topology, mistakes);
}

}  // namespace finwait::scenario
