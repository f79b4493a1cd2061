// Timelines written by hand, for tests of everything right of observe/.
//
//   TimelineBuilder run;
//   run.Endpoint("client", "conn")
//       .Enter(kSynSent, 0ms, "connect()")
//       .Enter(kEstablished, 1ms, "received SYN|ACK")
//       .Packet(1ms, kReceived, tcp::kSyn | tcp::kAck);
//   run.EndAt(10s);
//   tcp::Timeline timeline = run.Build();
#pragma once

#include <chrono>
#include <list>
#include <string>
#include <utility>

#include "judge/judge.h"
#include "tcp/timeline.h"

namespace finwait::testing {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

inline constexpr bool kSent = true;
inline constexpr bool kReceived = false;

// Zero of all times here: not the clock's zero, so that nothing works by luck.
inline TimePoint At(Duration since_begin) {
  return TimePoint(std::chrono::hours(1)) + since_begin;
}

// One endpoint. Calls return itself; times are since the run's begin.
class EndpointBuilder {
 public:
  EndpointBuilder(std::string host, std::string connection) {
    endpoint_.host = std::move(host);
    endpoint_.connection = std::move(connection);
  }

  EndpointBuilder& Tuple(std::string_view local_ip, std::uint16_t local_port,
                         std::string_view remote_ip,
                         std::uint16_t remote_port) {
    endpoint_.tuple.local = {*tcp::ParseIpAddress(local_ip), local_port};
    endpoint_.tuple.remote = {*tcp::ParseIpAddress(remote_ip), remote_port};
    return *this;
  }

  // A transition from the current state that happened within `blur` around
  // `at`.
  EndpointBuilder& Enter(tcp::TcpState to, Duration at, std::string cause = "",
                         Duration blur = {}) {
    tcp::Transition transition;
    transition.from = endpoint_.state();
    transition.to = to;
    transition.at = At(at);
    transition.earliest = At(at - blur);
    transition.latest = At(at + blur);
    transition.source = tcp::Source::kPacket;
    transition.cause = std::move(cause);
    endpoint_.transitions.push_back(std::move(transition));
    return *this;
  }

  // Who showed the last transition: a segment, if nothing else is said.
  EndpointBuilder& By(tcp::Source source) {
    endpoint_.transitions.back().source = source;
    return *this;
  }

  // A look at `at` that found the current state.
  EndpointBuilder& Look(Duration at, std::uint32_t inode,
                        tcp::TimerKind timer = tcp::TimerKind::kOff,
                        Duration expires = {}) {
    tcp::SocketFacts facts;
    facts.state = endpoint_.state();
    facts.inode = inode;
    facts.timer = timer;
    facts.expires = expires;
    endpoint_.samples.push_back({At(at), At(at), facts});
    return *this;
  }

  // Adds TCP_INFO to the last look.
  EndpointBuilder& Info(const tcp::TcpInfo& info) {
    endpoint_.samples.back().facts->info = info;
    return *this;
  }

  // The last look came so late.
  EndpointBuilder& Late(Duration late) {
    endpoint_.samples.back().late = late;
    return *this;
  }

  // A timer that the kernel armed at `at` for `length`, to fire at `slot`.
  EndpointBuilder& Armed(Duration at, Duration length, Duration slot) {
    endpoint_.timers.push_back({tcp::TimerRecord::What::kArmed, At(at),
                                endpoint_.state(), At(at + length), At(slot)});
    return *this;
  }
  EndpointBuilder& Fired(Duration at) {
    endpoint_.timers.push_back(
        {tcp::TimerRecord::What::kFired, At(at), endpoint_.state(), {}, {}});
    return *this;
  }

  EndpointBuilder& Packet(Duration at, bool sent, int flags,
                          std::uint32_t length = 0) {
    tcp::Packet packet;
    packet.at = At(at);
    packet.sent = sent;
    packet.flags = static_cast<std::uint8_t>(flags);
    packet.length = length;
    endpoint_.packets.push_back(packet);
    return *this;
  }

  EndpointBuilder& HeldBy(int pid, std::string command, int descriptor) {
    endpoint_.owners.push_back({pid, std::move(command), descriptor});
    return *this;
  }

  EndpointBuilder& Option(const std::string& name, std::int64_t value) {
    endpoint_.options[name] = value;
    return *this;
  }

  EndpointBuilder& Hole(std::string why) {
    endpoint_.hole = std::move(why);
    return *this;
  }

  const tcp::EndpointTimeline& endpoint() const { return endpoint_; }

 private:
  tcp::EndpointTimeline endpoint_;
};

// One run. References it gives out stay good as long as it lives.
class TimelineBuilder {
 public:
  EndpointBuilder& Endpoint(std::string host, std::string connection) {
    return endpoints_.emplace_back(std::move(host), std::move(connection));
  }

  TimelineBuilder& Step(int number, std::string host, std::string text,
                        Duration begin, Duration end,
                        std::string connection = "") {
    timeline_.steps.push_back({number, std::move(host), std::move(text),
                               At(begin), At(end), std::move(connection)});
    return *this;
  }

  TimelineBuilder& EndAt(Duration end) {
    end_ = end;
    return *this;
  }

  // What has no word of its own here.
  tcp::Timeline& Raw() { return timeline_; }

  tcp::Timeline Build() const {
    tcp::Timeline timeline = timeline_;
    timeline.begin = At(Duration::zero());
    timeline.end = At(end_);
    for (const EndpointBuilder& builder : endpoints_) {
      timeline.endpoints.push_back(builder.endpoint());
    }
    return timeline;
  }

 private:
  tcp::Timeline timeline_;
  std::list<EndpointBuilder> endpoints_;
  Duration end_ = std::chrono::seconds(10);
};

// The sysctls a formula asks for, as a fresh namespace has them, at 250 Hz; in
// virtual time, in which nothing is late.
inline judge::Environment DefaultEnvironment() {
  judge::Environment environment;
  environment.virtual_time = true;
  environment.kernel = "6.18.5";
  for (const char* host : {"client", "server"}) {
    environment.sysctls[host] = {{"net.ipv4.tcp_fin_timeout", 60},
                                 {"net.ipv4.tcp_retries2", 15},
                                 {"net.ipv4.tcp_orphan_retries", 0},
                                 {"net.ipv4.tcp_syn_retries", 6},
                                 {"net.ipv4.tcp_synack_retries", 5},
                                 {"net.ipv4.tcp_sack", 1},
                                 {"net.ipv4.tcp_early_retrans", 3},
                                 {"net.ipv4.tcp_rto_max_ms", 120000},
                                 {"net.ipv4.tcp_keepalive_time", 7200},
                                 {"net.ipv4.tcp_keepalive_intvl", 75},
                                 {"net.ipv4.tcp_keepalive_probes", 9},
                                 {"net.ipv4.tcp_syn_linear_timeouts", 4}};
  }
  return environment;
}

}  // namespace finwait::testing
