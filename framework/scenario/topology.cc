// Looks things up in a topology.
#include "scenario/topology.h"

namespace finwait::scenario {

std::string EndName(const Interface& interface) {
  return interface.host + ":" + interface.name;
}

const Host* Topology::FindHost(const std::string& host) const {
  for (const Host& candidate : hosts) {
    if (candidate.name == host) return &candidate;
  }
  return nullptr;
}

const Interface* Topology::FindEnd(const std::string& end) const {
  for (const Link& link : links) {
    if (EndName(link.a) == end) return &link.a;
    if (EndName(link.b) == end) return &link.b;
  }
  return nullptr;
}

std::vector<tcp::IpAddress> Topology::AddressesOf(
    const std::string& host) const {
  std::vector<tcp::IpAddress> addresses;
  for (const Link& link : links) {
    for (const Interface* end : {&link.a, &link.b}) {
      if (end->host != host) continue;
      for (const auto& prefix : end->addresses) {
        addresses.push_back(prefix.address);
      }
    }
  }
  return addresses;
}

}  // namespace finwait::scenario
