// Finds unfinished closes and what is known of them.
#include "judge/blame_group.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "judge/duration.h"
#include "judge/stay.h"

namespace finwait::judge {
namespace {

using tcp::EndpointTimeline;
using tcp::Owner;
using tcp::TcpState;
using tcp::Timeline;

// --- facts -----------------------------------------------------------------

const tcp::Sample* LastLook(const EndpointTimeline& endpoint,
                            const std::vector<Stay>& stays) {
  if (stays.empty()) return nullptr;
  auto samples = SamplesIn(stays.back(), endpoint);
  return samples.empty() ? nullptr : samples.back();
}

// Which formula ends a state that no FIN or ACK comes to end; empty if none.
std::string FormulaOf(TcpState state, bool owned) {
  switch (state) {
    case TcpState::kFinWait2:
      return owned ? "" : "tcp_fin_timeout";
    case TcpState::kTimeWait:
      return "time_wait";
    case TcpState::kFinWait1:
    case TcpState::kClosing:
    case TcpState::kLastAck:
      return owned ? "tcp_retries2" : "tcp_orphan_retries";
    default:
      return "";
  }
}

// A minisock's own timer is the best witness, a formula the next best.
std::optional<Duration> Remaining(const End& end, const tcp::Sample* look,
                                  const Timeline& timeline,
                                  const Environment& environment) {
  Duration left{};
  if (look && look->facts->minisock()) {
    left = look->facts->expires - (timeline.end - look->before);
  } else {
    std::string formula = FormulaOf(end.state, end.owned);
    if (formula.empty() || end.at_least) return std::nullopt;
    SpanValue value = Evaluate({.duration = std::nullopt, .formula = formula},
                               *end.endpoint, environment);
    if (value.unknown) return std::nullopt;
    left = value.chain.nominal() - end.elapsed;
  }
  return std::max(left, Duration::zero());
}

End EndOf(const EndpointTimeline& endpoint, const Timeline& timeline,
          const Environment& environment) {
  std::vector<Stay> stays = StaysOf(endpoint);
  const tcp::Sample* look = LastLook(endpoint, stays);
  End end;
  end.endpoint = &endpoint;
  end.state = endpoint.state();
  end.owned = !endpoint.owners.empty() || (look && look->facts->inode != 0);
  if (!stays.empty()) {
    end.elapsed = LengthOf(stays.back(), timeline).best;
    end.at_least = stays.back().entry == nullptr;
  }
  end.remaining = Remaining(end, look, timeline, environment);
  return end;
}

// --- grouping --------------------------------------------------------------

// Alike ends have the same key: host, state, owned or not, processes.
std::string KeyOf(const End& end) {
  std::string key = end.endpoint->host + "|" + std::string(Name(end.state)) +
                    (end.owned ? "|owned" : "|");
  for (const Owner& owner : end.endpoint->owners) {
    key += "|" + std::to_string(owner.pid);
  }
  return key;
}

// The end that closed first comes first: it waits for the other.
bool IsWaited(const End& a, const End& b) {
  auto passive = [](const End& end) {
    return end.state == TcpState::kCloseWait ||
           end.state == TcpState::kLastAck || !BeganToClose(end.state);
  };
  return passive(a) && !passive(b);
}

void AddPair(std::map<std::string, Group>& groups,
             std::vector<std::string>& order, End end,
             std::optional<End> peer) {
  if (peer && IsWaited(end, *peer)) std::swap(end, *peer);
  std::string key = KeyOf(end) + "||" + (peer ? KeyOf(*peer) : "");
  auto [group, added] = groups.try_emplace(key);
  if (added) order.push_back(key);
  group->second.ends.push_back(end);
  if (peer) group->second.peers.push_back(*peer);
}

}  // namespace

bool BeganToClose(TcpState state) {
  using enum TcpState;
  constexpr TcpState kBegan[] = {kFinWait1, kFinWait2, kCloseWait,
                                 kLastAck,  kClosing,  kTimeWait};
  return std::count(std::begin(kBegan), std::end(kBegan), state) > 0;
}

std::vector<Group> Grouped(const Timeline& timeline,
                           const Environment& environment) {
  std::map<tcp::FourTuple, const EndpointTimeline*> by_tuple;
  for (const auto& endpoint : timeline.endpoints) {
    by_tuple[endpoint.tuple] = &endpoint;  // the latest of reused numbers
  }
  std::map<std::string, Group> groups;
  std::vector<std::string> order;
  std::set<const EndpointTimeline*> told;
  for (const auto& endpoint : timeline.endpoints) {
    if (!BeganToClose(endpoint.state()) || told.count(&endpoint)) continue;
    std::optional<End> peer;
    auto found = by_tuple.find(Reversed(endpoint.tuple));
    if (found != by_tuple.end()) {
      peer = EndOf(*found->second, timeline, environment);
      told.insert(found->second);
    }
    AddPair(groups, order, EndOf(endpoint, timeline, environment), peer);
  }
  std::vector<Group> in_order;
  for (const auto& key : order) in_order.push_back(std::move(groups[key]));
  return in_order;
}

}  // namespace finwait::judge
