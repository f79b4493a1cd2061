// Joins links at bridges.
#include "scenario/segment.h"

#include <map>
#include <numeric>

namespace finwait::scenario {
namespace {

// Links by number; those of one segment have the same root.
class LinkGroups {
 public:
  explicit LinkGroups(std::size_t links) : parent_(links) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  std::size_t Root(std::size_t link) const {
    while (parent_[link] != link) link = parent_[link];
    return link;
  }
  void Join(std::size_t a, std::size_t b) { parent_[Root(a)] = Root(b); }

 private:
  std::vector<std::size_t> parent_;
};

bool IsBridge(const Topology& topology, const std::string& host) {
  const Host* found = topology.FindHost(host);
  return found != nullptr && found->kind == HostKind::kBridge;
}

}  // namespace

std::vector<Segment> SegmentsOf(const Topology& topology) {
  const auto& links = topology.links;
  LinkGroups groups(links.size());
  std::map<std::string, std::size_t> first_link_of_bridge;
  for (std::size_t i = 0; i < links.size(); ++i) {
    for (const Interface* end : {&links[i].a, &links[i].b}) {
      if (!IsBridge(topology, end->host)) continue;
      auto [first, added] = first_link_of_bridge.try_emplace(end->host, i);
      if (!added) groups.Join(i, first->second);
    }
  }
  std::map<std::size_t, Segment> segments;
  for (std::size_t i = 0; i < links.size(); ++i) {
    for (const Interface* end : {&links[i].a, &links[i].b}) {
      if (IsBridge(topology, end->host)) continue;
      segments[groups.Root(i)].push_back(end);
    }
  }
  std::vector<Segment> list;
  for (auto& [root, segment] : segments) list.push_back(std::move(segment));
  return list;
}

}  // namespace finwait::scenario
