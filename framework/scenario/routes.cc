// Automatic routes: from every host to every subnet it is not on, by way of
// the next router on a shortest path.
#include <deque>
#include <map>
#include <set>

#include "scenario/decode_topology.h"
#include "scenario/segment.h"

namespace finwait::scenario {
namespace {

// A router on the same subnet, and its address there.
struct Neighbour {
  std::string host;
  tcp::IpAddress address;
};

// The topology as one family sees it.
struct Graph {
  std::map<std::string, std::vector<Neighbour>> neighbours;
  std::map<std::string, std::set<tcp::IpPrefix>> subnets;  // by host
  std::set<std::string> routers;
};

// Only routers count as neighbours: a LAN of a thousand hosts would have a
// million others.
void AddSegment(const Segment& segment, tcp::Family family, Graph* graph) {
  Segment routers;
  for (const Interface* end : segment) {
    if (graph->routers.contains(end->host)) routers.push_back(end);
  }
  for (const Interface* here : segment) {
    for (const auto& own : here->addresses) {
      if (own.address.family != family) continue;
      graph->subnets[here->host].insert(tcp::NetworkOf(own));
      auto& neighbours = graph->neighbours[here->host];
      for (const Interface* there : routers) {
        if (there->host == here->host) continue;
        for (const auto& other : there->addresses) {
          if (tcp::NetworkOf(other) != tcp::NetworkOf(own)) continue;
          neighbours.push_back({there->host, other.address});
        }
      }
    }
  }
}

Graph GraphOf(const Topology& topology, tcp::Family family) {
  Graph graph;
  for (const Host& host : topology.hosts) {
    if (host.kind == HostKind::kRouter) graph.routers.insert(host.name);
  }
  for (const Segment& segment : SegmentsOf(topology)) {
    AddSegment(segment, family, &graph);
  }
  return graph;
}

// Subnet -> first hop from `start`, found in the order of distance.
std::map<tcp::IpPrefix, tcp::IpAddress> FirstHops(const Graph& graph,
                                                  const std::string& start) {
  std::map<tcp::IpPrefix, tcp::IpAddress> hops;
  std::set<std::string> seen = {start};
  struct Reached {
    std::string router;
    tcp::IpAddress first_hop;
  };
  std::deque<Reached> queue;
  auto visit = [&](const Neighbour& next, const tcp::IpAddress& first_hop) {
    if (seen.insert(next.host).second) queue.push_back({next.host, first_hop});
  };
  for (const Neighbour& next : graph.neighbours.at(start)) {
    visit(next, next.address);
  }
  while (!queue.empty()) {
    Reached reached = queue.front();
    queue.pop_front();
    for (const auto& subnet : graph.subnets.at(reached.router)) {
      hops.try_emplace(subnet, reached.first_hop);
    }
    for (const Neighbour& next : graph.neighbours.at(reached.router)) {
      visit(next, reached.first_hop);
    }
  }
  return hops;
}

void AddRoutesOf(const Host& host, const Graph& graph, Topology* topology) {
  if (!graph.neighbours.contains(host.name)) return;
  const auto& own = graph.subnets.at(host.name);
  for (const auto& [subnet, via] : FirstHops(graph, host.name)) {
    if (own.contains(subnet)) continue;
    topology->routes.push_back({host.name, subnet, via, host.place});
  }
}

}  // namespace

void AddAutomaticRoutes(Topology* topology) {
  std::set<std::string> routed_by_hand;
  for (const Route& route : topology->routes) {
    routed_by_hand.insert(route.host);
  }
  for (auto family : {tcp::Family::kIpv4, tcp::Family::kIpv6}) {
    Graph graph = GraphOf(*topology, family);
    for (const Host& host : topology->hosts) {
      if (routed_by_hand.contains(host.name)) continue;
      AddRoutesOf(host, graph, topology);
    }
  }
}

}  // namespace finwait::scenario
