#include "paths.h"

#include <algorithm>
#include <cstdio>
#include <tuple>

namespace finwait::bench {
namespace {

using tcp::EndpointTimeline;
using tcp::TcpState;
using tcp::Transition;

constexpr std::size_t kExamples = 3;

const char* ActiveEnd() { return " > FIN_WAIT1 > FIN_WAIT2 > TIME_WAIT"; }
const char* PassiveEnd() { return " > CLOSE_WAIT > LAST_ACK > CLOSED"; }

// The sum of two counters: which of them counts a minisock depends on its
// timeout, and when on the kernel (Linux: net/ipv4/inet_timewait_sock.c; at its
// birth since 6.1, at its death before).
const char kMinisocks[] = "TcpExtTW + TcpExtTWKilled";

double Milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string Line(const Transition& t, TimePoint zero) {
  char text[200];
  std::snprintf(
      text, sizeof text, "      %12.4f [%+.4f, %+.4f] %s > %s, %s: %s\n",
      Milliseconds(t.at - zero), Milliseconds(t.earliest - t.at),
      Milliseconds(t.latest - t.at), std::string(Name(t.from)).c_str(),
      std::string(Name(t.to)).c_str(), std::string(Name(t.source)).c_str(),
      t.cause.c_str());
  return text;
}

std::string Line(const tcp::Packet& packet, TimePoint zero) {
  char text[120];
  std::snprintf(text, sizeof text, "      %12.4f %s %s seq %u ack %u\n",
                Milliseconds(packet.at - zero),
                packet.sent ? "sent" : "received",
                tcp::FlagNames(packet.flags).c_str(), packet.seq, packet.ack);
  return text;
}

// A FIN whose ACK came while close() still held the socket leaves no minisock:
// the full socket waits in FIN_WAIT2, and resets the connection in the end
// (Linux: net/ipv4/tcp_timer.c tcp_keepalive_timer()). The wire shows it: this
// end sent, or received, a RST before a FIN passed the other way.
bool WasGivenUp(const EndpointTimeline& endpoint, bool by_us) {
  for (const tcp::Packet& packet : endpoint.packets) {
    if (packet.sent == by_us && (packet.flags & tcp::kRst) != 0) return true;
    if (packet.sent != by_us && (packet.flags & tcp::kFin) != 0) return false;
  }
  return false;
}

const tcp::Packet* FirstFin(const EndpointTimeline& endpoint, bool sent) {
  for (const tcp::Packet& packet : endpoint.packets) {
    if (packet.sent == sent && (packet.flags & tcp::kFin) != 0) return &packet;
  }
  return nullptr;
}

bool Acknowledges(const tcp::Packet& packet, const tcp::Packet& fin) {
  return packet.ack == fin.seq + fin.length + 1;
}

// Neither end had received the other's FIN when it sent its own. A busy machine
// may deliver a segment so late (Linux: ksoftirqd) that this is so although one
// end was closed before the other.
bool FinsCrossed(const EndpointTimeline& endpoint) {
  const tcp::Packet* ours = FirstFin(endpoint, /*sent=*/true);
  const tcp::Packet* peers = FirstFin(endpoint, /*sent=*/false);
  return ours != nullptr && peers != nullptr && !Acknowledges(*ours, *peers) &&
         !Acknowledges(*peers, *ours);
}

// What the kernel counts when this happens; null for nothing.
const char* CounterOf(const EndpointTimeline& endpoint, const Transition& t) {
  if (t.to == TcpState::kSynSent) return "TcpActiveOpens";
  if (t.from == TcpState::kSynRecv && t.to == TcpState::kEstablished) {
    return "TcpPassiveOpens";
  }
  if (t.to != TcpState::kClosed) return nullptr;
  switch (t.from) {
    case TcpState::kEstablished:
    case TcpState::kCloseWait:
      return "TcpEstabResets";
    case TcpState::kSynSent:
    case TcpState::kSynRecv:
      return "TcpAttemptFails";
    case TcpState::kFinWait2:
    case TcpState::kTimeWait:
      return WasGivenUp(endpoint, /*by_us=*/true) ? nullptr : kMinisocks;
    default:
      return nullptr;
  }
}

// How often a host's timelines say what these counters count.
tcp::CounterDeltas Sum(const std::vector<EndpointTimeline>& endpoints,
                       const std::string& host) {
  tcp::CounterDeltas sum;
  for (const EndpointTimeline& endpoint : endpoints) {
    if (endpoint.host != host) continue;
    for (const Transition& t : endpoint.transitions) {
      if (const char* counter = CounterOf(endpoint, t)) ++sum[counter];
    }
    for (const tcp::Packet& packet : endpoint.packets) {
      if (packet.sent && (packet.flags & tcp::kRst) != 0) ++sum["TcpOutRsts"];
    }
  }
  return sum;
}

using Key = std::tuple<std::string, tcp::FourTuple>;
using ByKey = std::map<Key, std::vector<const EndpointTimeline*>>;

ByKey Sorted(const std::vector<EndpointTimeline>& endpoints) {
  ByKey sorted;
  for (const EndpointTimeline& endpoint : endpoints) {
    sorted[{endpoint.host, endpoint.tuple}].push_back(&endpoint);
  }
  return sorted;
}

// Later connections may have the same addresses and ports.
std::map<Key, const EndpointTimeline*> LastOfEach(
    const std::vector<EndpointTimeline>& endpoints) {
  std::map<Key, const EndpointTimeline*> last;
  for (const EndpointTimeline& endpoint : endpoints) {
    last[{endpoint.host, endpoint.tuple}] = &endpoint;
  }
  return last;
}

void Compare(const EndpointTimeline& told, const EndpointTimeline& plain,
             Comparison& comparison) {
  const auto both = [&] {
    return "told:\n" + Describe(told) + "    plain:\n" + Describe(plain);
  };
  if (PathOf(told) != PathOf(plain)) {
    comparison.paths.Add(both());
    return;
  }
  for (std::size_t n = 0; n < told.transitions.size(); ++n) {
    const Transition& a = told.transitions[n];
    const Transition& b = plain.transitions[n];
    ++comparison.transitions;
    if (a.earliest > b.latest || b.earliest > a.latest) {
      comparison.intervals.Add("to " + std::string(Name(a.to)) + ", " + both());
    }
  }
}

}  // namespace

const char* Name(Way way) {
  switch (way) {
    case Way::kActive:
      return "active";
    case Way::kPassive:
      return "passive";
    case Way::kSimultaneous:
      return "simultaneous";
    case Way::kReset:
      return "reset";
    case Way::kOrphan:
      return "orphan";
    case Way::kReuse:
      return "reuse";
  }
  return "";
}

std::string PathOf(const EndpointTimeline& endpoint) {
  std::string path;
  if (endpoint.initial != TcpState::kClosed) {
    path = "(" + std::string(Name(endpoint.initial)) + ")";
  }
  for (const Transition& transition : endpoint.transitions) {
    if (!path.empty()) path += " > ";
    path += Name(transition.to);
  }
  return path;
}

std::string ExpectedPath(Way way, const std::string& host, bool to_the_end) {
  const bool client = host == "client";
  std::string path = client ? "SYN_SENT" : "SYN_RECV";
  path += " > ESTABLISHED";
  switch (way) {
    case Way::kActive:
      path += client ? ActiveEnd() : PassiveEnd();
      break;
    case Way::kPassive:
    case Way::kReuse:
      path += client ? PassiveEnd() : ActiveEnd();
      break;
    case Way::kSimultaneous:
      path += " > FIN_WAIT1 > CLOSING > TIME_WAIT";
      break;
    case Way::kReset:
      path += " > CLOSED";
      break;
    case Way::kOrphan:
      path += client ? " > FIN_WAIT1 > FIN_WAIT2 > CLOSED" : PassiveEnd();
      break;
  }
  const bool waits = path.ends_with("TIME_WAIT");
  return path + (waits && to_the_end ? " > CLOSED" : "");
}

std::string Describe(const EndpointTimeline& endpoint) {
  std::string text =
      "    " + endpoint.host + " " + ToString(endpoint.tuple.local) + " " +
      ToString(endpoint.tuple.remote) + ": " + PathOf(endpoint) + "\n";
  if (!endpoint.hole.empty()) text += "      HOLE: " + endpoint.hole + "\n";
  TimePoint zero = TimePoint::max();
  if (!endpoint.packets.empty()) zero = endpoint.packets.front().at;
  if (!endpoint.transitions.empty()) {
    zero = std::min(zero, endpoint.transitions.front().at);
  }
  for (const Transition& t : endpoint.transitions) text += Line(t, zero);
  for (const tcp::Packet& packet : endpoint.packets) text += Line(packet, zero);
  for (const tcp::TimerRecord& timer : endpoint.timers) {
    static constexpr const char* kWhat[] = {"armed", "fired", "stopped"};
    char line[80];
    std::snprintf(line, sizeof line, "      %12.4f timer %s\n",
                  Milliseconds(timer.at - zero),
                  kWhat[static_cast<int>(timer.what)]);
    text += line;
  }
  return text;
}

void Disagreements::Add(const std::string& example) {
  ++count;
  if (examples.size() < kExamples) examples.push_back(example);
}

Disagreements JudgePaths(const std::vector<EndpointTimeline>& endpoints,
                         Way way, bool to_the_end, std::uint64_t connections) {
  Disagreements wrong;
  const auto last = LastOfEach(endpoints);
  for (const std::string host : {"client", "server"}) {
    std::uint64_t found = 0;
    for (const EndpointTimeline& endpoint : endpoints) {
      if (endpoint.host != host) continue;
      ++found;
      const bool is_last = last.at({host, endpoint.tuple}) == &endpoint;
      const Way really = FinsCrossed(endpoint) ? Way::kSimultaneous : way;
      std::string expected = ExpectedPath(really, host, to_the_end || !is_last);
      if (way == Way::kOrphan && host == "server" &&
          WasGivenUp(endpoint, /*by_us=*/false)) {
        expected = "SYN_RECV > ESTABLISHED > CLOSE_WAIT > CLOSED";
      }
      if (PathOf(endpoint) == expected && endpoint.hole.empty()) continue;
      wrong.Add("expected " + expected + "\n" + Describe(endpoint));
    }
    if (found == connections) continue;
    wrong.Add(host + " has " + std::to_string(found) + " endpoints, not " +
              std::to_string(connections));
  }
  return wrong;
}

Disagreements JudgeCounters(
    const std::vector<EndpointTimeline>& endpoints,
    const std::map<std::string, tcp::CounterDeltas>& counted) {
  static constexpr const char* kCounters[] = {
      "TcpActiveOpens",  "TcpPassiveOpens", "TcpEstabResets",
      "TcpAttemptFails", "TcpOutRsts",      kMinisocks};
  const bool all_ended =
      std::all_of(endpoints.begin(), endpoints.end(),
                  [](const auto& e) { return e.state() == TcpState::kClosed; });
  Disagreements wrong;
  for (const auto& [host, deltas] : counted) {
    tcp::CounterDeltas kernel = deltas;
    tcp::CounterDeltas ours = Sum(endpoints, host);
    kernel[kMinisocks] = kernel["TcpExtTW"] + kernel["TcpExtTWKilled"];
    for (const char* counter : kCounters) {
      if (counter == kMinisocks && !all_ended) continue;
      if (kernel[counter] == ours[counter]) continue;
      wrong.Add(host + ": the kernel counted " +
                std::to_string(kernel[counter]) + " " + counter +
                ", the timelines have " + std::to_string(ours[counter]));
    }
  }
  return wrong;
}

Comparison Compare(const std::vector<EndpointTimeline>& told,
                   const std::vector<EndpointTimeline>& plain) {
  Comparison comparison;
  const ByKey a = Sorted(told);
  ByKey b = Sorted(plain);
  for (const auto& [key, endpoints] : a) {
    const auto& others = b[key];
    if (endpoints.size() != others.size()) {
      comparison.paths.Add(std::to_string(endpoints.size()) + " and " +
                           std::to_string(others.size()) + " endpoints:\n" +
                           Describe(*endpoints.front()));
      continue;
    }
    for (std::size_t n = 0; n < endpoints.size(); ++n) {
      Compare(*endpoints[n], *others[n], comparison);
    }
  }
  if (a.size() != b.size())
    comparison.paths.Add("endpoints that only plain has");
  return comparison;
}

}  // namespace finwait::bench
