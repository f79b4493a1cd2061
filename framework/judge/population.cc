// Counts sockets by a sweep over the edges of their stays.
#include "judge/population.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "judge/stay.h"

namespace finwait::judge {
namespace {

using scenario::SocketsExpectation;
using tcp::EndpointTimeline;
using tcp::Sample;
using tcp::Timeline;

bool Counts(const SocketsExpectation& which, const EndpointTimeline& endpoint) {
  if (endpoint.host != which.host) return false;
  const std::string& name = endpoint.connection;
  // The observer numbers those of an `every` connection: web#1, web#2.
  return which.connection.empty() || name == which.connection ||
         name.starts_with(which.connection + "#");
}

Member OfHole(const EndpointTimeline& endpoint, const Timeline& timeline) {
  TimePoint begin = endpoint.transitions.empty()
                        ? timeline.begin
                        : endpoint.transitions.front().earliest;
  return {&endpoint,        begin,           begin, TimePoint::max(), begin,
          TimePoint::max(), TimePoint::max()};
}

Member OfStay(const Stay& stay, const EndpointTimeline& endpoint,
              const Timeline& timeline) {
  Member member{.endpoint = &endpoint};
  member.possible_from = member.from = member.certain_from = timeline.begin;
  member.certain_to = member.to = member.possible_to = TimePoint::max();
  if (stay.entry) {
    member.possible_from = stay.entry->earliest;
    member.from = stay.entry->at;
    member.certain_from = stay.entry->latest;
  }
  if (stay.exit) {
    member.certain_to = stay.exit->earliest;
    member.to = stay.exit->at;
    member.possible_to = stay.exit->latest;
  }
  return member;
}

bool IsOrphan(const Sample& sample) { return sample.facts->inode == 0; }

// The parts of a stay in which looks found it an orphan, or owned. The owner
// changed somewhere between two looks that differ.
void AddParts(std::vector<Member>& members, const Member& whole, bool orphan,
              const std::vector<const Sample*>& looks) {
  Member part = whole;
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const bool wanted = IsOrphan(*looks[i]) == orphan;
    const bool before = i > 0 && IsOrphan(*looks[i - 1]) == orphan;
    if (wanted && i > 0 && !before) {
      part.possible_from = looks[i - 1]->before;
      part.from = part.certain_from = looks[i]->after;
    }
    if (!wanted && before) {
      part.certain_to = looks[i - 1]->before;
      part.to = part.possible_to = looks[i]->after;
      members.push_back(std::exchange(part, whole));
    }
  }
  if (IsOrphan(*looks.back()) == orphan) members.push_back(part);
}

void AddStay(std::vector<Member>& members, const SocketsExpectation& which,
             const Stay& stay, const EndpointTimeline& endpoint,
             const Timeline& timeline) {
  Member member = OfStay(stay, endpoint, timeline);
  if (!which.orphan) {
    members.push_back(member);
    return;
  }
  auto looks = SamplesIn(stay, endpoint);
  if (!looks.empty()) return AddParts(members, member, *which.orphan, looks);
  member.certain_to = member.certain_from;  // nobody knows whose it was
  members.push_back(member);
}

// Edges at the same time: what is possible grows first and shrinks last.
struct Edge {
  TimePoint at;
  int order = 0;
  int certain = 0;
  int possible = 0;
};

std::vector<Edge> EdgesOf(const std::vector<Member>& members) {
  std::vector<Edge> edges;
  edges.reserve(4 * members.size());
  for (const Member& member : members) {
    edges.push_back({member.possible_from, 0, 0, 1});
    edges.push_back({member.possible_to, 3, 0, -1});
    if (member.certain_from >= member.certain_to) continue;
    edges.push_back({member.certain_to, 1, -1, 0});
    edges.push_back({member.certain_from, 2, 1, 0});
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
    return std::tie(a.at, a.order) < std::tie(b.at, b.order);
  });
  return edges;
}

}  // namespace

std::vector<Member> MembersOf(const SocketsExpectation& which,
                              const Timeline& timeline) {
  std::vector<Member> members;
  for (const EndpointTimeline& endpoint : timeline.endpoints) {
    if (!Counts(which, endpoint)) continue;
    if (!endpoint.hole.empty()) {
      members.push_back(OfHole(endpoint, timeline));
      continue;
    }
    for (const Stay& stay : StaysOf(endpoint)) {
      if (stay.state != which.state) continue;
      AddStay(members, which, stay, endpoint, timeline);
    }
  }
  return members;
}

std::vector<Count> CountsOver(const std::vector<Member>& members) {
  std::vector<Count> counts;
  Count now;
  for (const Edge& edge : EdgesOf(members)) {
    now.at = edge.at;
    now.certain += edge.certain;
    now.possible += edge.possible;
    counts.push_back(now);
  }
  return counts;
}

CountRange Peak(const std::vector<Count>& counts) {
  CountRange peak;
  for (const Count& count : counts) {
    peak.low = std::max(peak.low, count.certain);
    peak.high = std::max(peak.high, count.possible);
  }
  return peak;
}

CountRange Within(const std::vector<Count>& counts, TimePoint from,
                  TimePoint to) {
  const auto next = std::upper_bound(
      counts.begin(), counts.end(), from,
      [](TimePoint at, const Count& count) { return at < count.at; });
  CountRange range;
  if (next != counts.begin()) {
    range = {std::prev(next)->certain, std::prev(next)->possible};
  }
  for (auto count = next; count != counts.end() && count->at <= to; ++count) {
    range.low = std::min(range.low, count->certain);
    range.high = std::max(range.high, count->possible);
  }
  return range;
}

}  // namespace finwait::judge
