// Expectations on one endpoint: its path and its states.
#include <algorithm>
#include <cstdint>

#include "scenario/decode_expectation.h"
#include "scenario/decode_packet.h"
#include "scenario/quantity.h"
#include "scenario/suggestion.h"
#include "scenario/table.h"

namespace finwait::scenario {
namespace {

using tcp::TcpState;

bool Decode(const Node& node, Mistakes& mistakes, tcp::TimerKind* out) {
  static const Words<tcp::TimerKind> words = {
      {"off", tcp::TimerKind::kOff},
      {"retransmit", tcp::TimerKind::kRetransmit},
      {"keepalive", tcp::TimerKind::kKeepalive},
      {"timewait", tcp::TimerKind::kTimewait},
      {"persist", tcp::TimerKind::kPersist}};
  return DecodeWord(node, mistakes, words, out);
}

bool Decode(const Node& node, Mistakes& mistakes, Ending* out) {
  static const Words<Ending> words = {
      {"silently", Ending::kSilently},
      {"timer", Ending::kTimer},
      {"fin", Ending::kFin},
      {"sent reset", Ending::kSentReset},
      {"received reset", Ending::kReceivedReset}};
  return DecodeWord(node, mistakes, words, out);
}

// sk_shutdown (Linux: RCV_SHUTDOWN and SEND_SHUTDOWN of include/net/sock.h).
bool DecodeShutdown(const Node& node, Mistakes& mistakes, std::uint8_t* out) {
  static const Words<std::uint8_t> words = {
      {"none", 0}, {"receive", 1}, {"send", 2}, {"both", 3}};
  return DecodeWord(node, mistakes, words, out);
}

// One state of a path and where in the text it stands.
struct PathPart {
  std::string text;
  std::size_t offset = 0;
};

std::vector<PathPart> SplitPath(const std::string& path) {
  std::vector<PathPart> parts;
  for (std::size_t begin = 0; begin <= path.size();) {
    std::size_t end = std::min(path.find('>', begin), path.size());
    std::size_t first = path.find_first_not_of(' ', begin);
    if (first == std::string::npos || first > end) first = end;
    std::size_t last = end;
    while (last > first && path[last - 1] == ' ') --last;
    parts.push_back({path.substr(first, last - first), first});
    begin = end + 1;
  }
  return parts;
}

// The place of a character inside the quotes of a value.
Place Inside(const Node& node, std::size_t offset) {
  Place place = node.place;
  place.column += 1 + static_cast<int>(offset);
  return place;
}

bool CheckTransition(TcpState from, TcpState to, const Place& place,
                     Mistakes& mistakes) {
  if (tcp::IsLegalTransition(from, to)) return true;
  std::vector<std::string> possible;
  for (int number = 1; number <= 11; ++number) {
    auto state = static_cast<TcpState>(number);
    if (tcp::IsLegalTransition(from, state)) {
      possible.emplace_back(tcp::Name(state));
    }
  }
  mistakes.Add(place,
               std::string(tcp::Name(from)) + " > " +
                   std::string(tcp::Name(to)) + " is impossible",
               "after " + std::string(tcp::Name(from)) + " comes " +
                   JoinAlternatives(possible));
  return false;
}

// Empty if there is something wrong with it.
std::vector<TcpState> DecodePath(const Node& node, Mistakes& mistakes) {
  std::vector<TcpState> path;
  std::string text;
  if (!Decode(node, mistakes, &text)) return {};
  bool possible = true;
  for (const PathPart& part : SplitPath(text)) {
    Node item = node;
    item.text = part.text;
    item.place = Inside(node, part.offset);
    TcpState state{};
    if (!Decode(item, mistakes, &state)) return {};
    possible = (path.empty() ||
                CheckTransition(path.back(), state, item.place, mistakes)) &&
               possible;
    path.push_back(state);
  }
  return possible ? path : std::vector<TcpState>{};
}

StateExpectation DecodeState(const Node& node, TcpState state,
                             Mistakes& mistakes) {
  StateExpectation expectation{.state = state, .place = node.key_place};
  if (expectation.place.line == 0) expectation.place = node.place;
  if (!node.is(Node::Kind::kTable)) {
    Decode(node, mistakes, &expectation.lasts.emplace());
    return expectation;
  }
  Table table(node, "state expectation", mistakes);
  table.Read("occurrence", &expectation.occurrence);
  table.Read("lasts", &expectation.lasts);
  table.Read("orphan", &expectation.orphan);
  if (const Node* timer = table.Find("timer")) {
    Decode(*timer, mistakes, &expectation.timer.emplace());
  }
  if (const Node* left = table.Find("timer_left")) {
    DecodeLength(*left, mistakes, &expectation.timer_left.emplace());
  }
  if (const Node* shutdown = table.Find("shutdown")) {
    DecodeShutdown(*shutdown, mistakes, &expectation.shutdown.emplace());
  }
  if (const Node* info = table.Find("info")) {
    DecodeInfo(*info, mistakes, &expectation.info);
  }
  table.Close();
  return expectation;
}

// Expectations on states that the path excludes can never come true.
void CheckAgainstPath(const EndpointExpectation& endpoint, Mistakes& mistakes) {
  if (!endpoint.path || endpoint.path->empty()) return;
  auto visits = [&](TcpState state) {
    return std::count(endpoint.path->begin(), endpoint.path->end(), state);
  };
  for (const StateExpectation& state : endpoint.states) {
    if (state.occurrence >= 1 && visits(state.state) >= state.occurrence) {
      continue;
    }
    mistakes.Add(state.place,
                 "the path is " + std::to_string(visits(state.state)) +
                     " times in " + std::string(tcp::Name(state.state)),
                 "add it to 'path', or mend 'occurrence'");
  }
  for (TcpState state : endpoint.never) {
    if (visits(state) == 0) continue;
    mistakes.Add(endpoint.never_place,
                 std::string(tcp::Name(state)) + " is in 'path'",
                 "leave it out of 'never' or of 'path'");
  }
}

void ReadNever(Table& table, EndpointExpectation* endpoint) {
  const Node* never = table.Find("never");
  if (never == nullptr) return;
  endpoint->never_place = never->place;
  if (!never->is(Node::Kind::kArray)) {
    WrongType(*never, table.mistakes(), "write an array, [\"TIME_WAIT\"]");
    return;
  }
  for (const Node& item : never->children) {
    TcpState state{};
    if (Decode(item, table.mistakes(), &state)) {
      endpoint->never.push_back(state);
    }
  }
}

void ReadStates(Table& table, EndpointExpectation* endpoint) {
  for (int number = 1; number <= 11; ++number) {
    auto state = static_cast<TcpState>(number);
    const Node* node = table.Find(tcp::Name(state));
    if (node == nullptr) continue;
    if (!node->is(Node::Kind::kArray)) {
      endpoint->states.push_back(DecodeState(*node, state, table.mistakes()));
      continue;
    }
    for (const Node& item : node->children) {
      endpoint->states.push_back(DecodeState(item, state, table.mistakes()));
    }
  }
}

void ReadPackets(Table& table, EndpointExpectation* endpoint) {
  const Node* packets = table.Find("packets");
  if (packets == nullptr) return;
  for (const Node* packet : TablesOf(*packets, table.mistakes())) {
    endpoint->packets.push_back(DecodePacket(*packet, table.mistakes()));
  }
}

}  // namespace

EndpointExpectation DecodeEndpoint(const Node& node, const std::string& host,
                                   Mistakes& mistakes) {
  EndpointExpectation endpoint{.host = host, .connection = node.key};
  endpoint.place = node.key_place;
  Table table(node, "connection expectation", mistakes);
  if (const Node* path = table.Find("path")) {
    endpoint.path = DecodePath(*path, mistakes);
    endpoint.path_place = path->place;
  }
  table.Read("except", &endpoint.except);
  ReadNever(table, &endpoint);
  if (const Node* ends = table.Find("ends")) {
    Decode(*ends, mistakes, &endpoint.ends.emplace());
    endpoint.ends_place = ends->place;
  }
  ReadStates(table, &endpoint);
  ReadPackets(table, &endpoint);
  if (const Node* info = table.Find("info")) {
    DecodeInfo(*info, mistakes, &endpoint.info);
  }
  table.Close();
  CheckAgainstPath(endpoint, mistakes);
  return endpoint;
}

}  // namespace finwait::scenario
