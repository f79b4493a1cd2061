// A network as a value: hosts, bridges, links, addresses, routes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenario/diagnostic.h"
#include "tcp/address.h"

namespace finwait::scenario {

// What a host is to the packets that reach it.
enum class HostKind : std::uint8_t {
  kHost,    // an end system
  kRouter,  // forwards IPv4 and IPv6
  kBridge,  // joins its interfaces into one Ethernet; has no addresses
};

// A sysctl to set in a host's namespace before anything runs there.
struct Sysctl {
  std::string name;  // "net.ipv4.tcp_fin_timeout"
  std::string value;
  Place place;
};

// One network namespace.
struct Host {
  std::string name;
  HostKind kind = HostKind::kHost;
  std::vector<Sysctl> sysctls;
  Place place;
};

// One end of a link: an interface in a host.
struct Interface {
  std::string host;
  std::string name;  // "eth0"
  std::vector<tcp::IpPrefix> addresses;
  Place place;
};

// "client:eth0", how scenarios name an end.
std::string EndName(const Interface& interface);

// A veth pair.
struct Link {
  Interface a;
  Interface b;
  int mtu = 1500;
  // Segmentation and checksum offloads (TSO, GSO, GRO, TX checksum). Off means
  // that every captured packet is one that a wire would carry.
  bool offload = true;
  Place place;
};

// A route beyond the connected ones.
struct Route {
  std::string host;
  tcp::IpPrefix destination;  // length 0: default route
  tcp::IpAddress via;
  Place place;
};

// A complete network. The loader returns only consistent ones: names and
// addresses unique, every address with a neighbour in its subnet. A host
// without routes of its own has got one to every subnet that routers reach.
struct Topology {
  std::string name;  // "two-hosts"
  std::string title;
  std::vector<Host> hosts;
  std::vector<Link> links;
  std::vector<Route> routes;

  const Host* FindHost(const std::string& name) const;
  // The interface named "client:eth0", or null.
  const Interface* FindEnd(const std::string& end) const;
  // Addresses of a host in the order of its links.
  std::vector<tcp::IpAddress> AddressesOf(const std::string& host) const;
};

}  // namespace finwait::scenario
