// Finds who talked to whom.
#include "report/pairs.h"

#include <map>
#include <utility>

namespace finwait::report {
namespace {

using tcp::EndpointTimeline;
using tcp::TcpState;

bool SentTheSyn(const EndpointTimeline& endpoint) {
  const auto& transitions = endpoint.transitions;
  return !transitions.empty() &&
         (transitions.front().to == TcpState::kSynSent ||
          transitions.front().from == TcpState::kSynSent);
}

// Connections that reuse the same four numbers have different names.
using Key = std::pair<std::string, tcp::FourTuple>;

}  // namespace

std::vector<Pair> PairsOf(const tcp::Timeline& timeline) {
  std::vector<Pair> pairs;
  std::map<Key, std::size_t> waiting;  // for their peer
  for (const EndpointTimeline& endpoint : timeline.endpoints) {
    auto peer =
        waiting.find({endpoint.connection, tcp::Reversed(endpoint.tuple)});
    if (peer == waiting.end()) {
      waiting[{endpoint.connection, endpoint.tuple}] = pairs.size();
      bool client = SentTheSyn(endpoint);
      pairs.push_back(
          {client ? &endpoint : nullptr, client ? nullptr : &endpoint});
      continue;
    }
    Pair& pair = pairs[peer->second];
    // In a simultaneous open both sent one: the first listed stays.
    if (pair.client) {
      pair.server = &endpoint;
    } else {
      pair.client = &endpoint;
    }
    waiting.erase(peer);
  }
  return pairs;
}

std::string Describe(const Pair& pair) {
  const EndpointTimeline& first = pair.any();
  std::string text = first.connection + ": " + first.host + " " +
                     ToString(first.tuple.local) + " ↔ ";
  if (pair.client && pair.server) text += pair.server->host + " ";
  return text + ToString(first.tuple.remote);
}

}  // namespace finwait::report
