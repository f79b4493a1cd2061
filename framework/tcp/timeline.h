// What was observed in one run: a value, complete in itself, from which
// verdicts and reports are made without asking the kernel again.
//
// All types here are plain data, copyable, and free of threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "tcp/address.h"
#include "tcp/tcp_state.h"

namespace finwait::tcp {

// Who says so.
enum class Source : std::uint8_t {
  kStep,        // a system call of an actor began or ended
  kPacket,      // a segment passed the endpoint's interface
  kDiag,        // an exact sock_diag lookup answered
  kSockops,     // a BPF program on the run's cgroup, inside the change
  kTracepoint,  // a BPF program on a kernel tracepoint, inside the change
};

// "packets", "sock_diag", "sockops", "tracepoint", "step".
std::string_view Name(Source source);

// idiag_timer of inet_diag_msg (Linux: net/ipv4/inet_diag.c).
enum class TimerKind : std::uint8_t {
  kOff = 0,
  kRetransmit = 1,
  kKeepalive = 2,
  kTimewait = 3,
  kPersist = 4,
};

// The fields of struct tcp_info that expectations can name.
struct TcpInfo {
  Duration rto{};
  Duration rtt{};
  Duration rttvar{};
  std::uint32_t retransmits = 0;  // unanswered RTOs (icsk_retransmits)
  std::uint32_t probes = 0;
  std::uint32_t backoff = 0;
  std::uint32_t unacked = 0;
  std::uint32_t snd_cwnd = 0;
  std::uint32_t snd_mss = 0;
  std::uint32_t total_retrans = 0;
  std::uint64_t bytes_acked = 0;
  std::uint64_t bytes_received = 0;
  std::uint32_t segs_out = 0;
  std::uint32_t segs_in = 0;
};

// What sock_diag said of one socket.
struct SocketFacts {
  TcpState state = TcpState::kClosed;
  TimerKind timer = TimerKind::kOff;
  // Time left as requested at arming: the timer wheel's lateness is not in
  // it, so it reads 0 while that elapses. One jiffy coarse.
  Duration expires{};
  std::uint8_t retransmits = 0;
  std::uint32_t uid = 0;
  std::uint32_t inode = 0;   // 0: no descriptor (orphan, or not accepted yet)
  std::uint64_t cookie = 0;  // survives the move into a timewait minisock
  std::uint32_t receive_queue = 0;  // bytes; an unread FIN counts as one
  std::uint32_t send_queue = 0;
  // Present for full sockets only: a minisock has neither.
  std::optional<TcpInfo> info;
  std::optional<std::uint8_t> shutdown;  // 1: receive, 2: send, 3: both

  bool minisock() const { return timer == TimerKind::kTimewait; }
};

// One exact lookup: the answer is true for some moment in [before, after].
struct Sample {
  TimePoint before;
  TimePoint after;
  std::optional<SocketFacts> facts;  // none: no such socket
  // By how much the observer missed its appointment with the socket: it was
  // starved. What such a look missed is not the kernel's doing.
  Duration late{};
};

// kClosed where there is none.
inline TcpState StateOf(const Sample& sample) {
  return sample.facts ? sample.facts->state : TcpState::kClosed;
}

// A timer of a minisock or request socket, as the kernel armed it, let it fire
// or stopped it (Linux: the tracepoints of include/trace/events/timer.h).
struct TimerRecord {
  enum class What : std::uint8_t { kArmed, kFired, kStopped };
  What what = What::kArmed;
  TimePoint at;
  TcpState state = TcpState::kClosed;  // of the socket at that moment
  // kArmed only. When it was asked to fire, and when it will: the end of its
  // slot of the timer wheel. Both exact to the tick.
  TimePoint requested;
  TimePoint slot;
};

// A change of state. The kernel made it in [earliest, latest]; `at` is the
// best single figure in that range.
struct Transition {
  TcpState from = TcpState::kClosed;
  TcpState to = TcpState::kClosed;
  TimePoint at;
  TimePoint earliest;
  TimePoint latest;
  Source source = Source::kDiag;
  std::string cause;  // "sent FIN", "received ACK of FIN", "timer", "close()"
};

// By the kernel itself, rather than by what can be seen from outside?
inline bool IsTold(const Transition& transition) {
  return transition.source == Source::kSockops ||
         transition.source == Source::kTracepoint;
}

// Flags of a segment as in its header's 13th byte.
enum TcpFlag : std::uint8_t {
  kFin = 0x01,
  kSyn = 0x02,
  kRst = 0x04,
  kPsh = 0x08,
  kAck = 0x10,
  kUrg = 0x20,
  kEce = 0x40,
  kCwr = 0x80,
};

// The timestamps option (RFC 7323 section 3.2).
struct Timestamps {
  std::uint32_t value = 0;
  std::uint32_t echo = 0;
};

// One TCP segment as it passed an interface of the endpoint's host. A
// received one may have been dropped after the capture point.
struct Packet {
  TimePoint at;
  bool sent = false;  // by the host this packet is recorded for
  std::uint8_t flags = 0;
  std::uint32_t seq = 0;  // raw, as on the wire
  std::uint32_t ack = 0;
  std::uint32_t window = 0;  // unscaled
  std::uint32_t length = 0;  // payload bytes
  std::optional<Timestamps> timestamps;
  std::optional<std::uint8_t> window_scale;  // as a SYN offers it
};

// "FIN|ACK", "SYN", "PSH|ACK".
std::string FlagNames(std::uint8_t flags);

// A socket option as it stood when the socket was closed or the run ended;
// only those an actor set. Values in the option's own unit (seconds for
// TCP_LINGER2, milliseconds for TCP_USER_TIMEOUT).
using SocketOptions = std::map<std::string, std::int64_t>;

// A process that holds a descriptor of the endpoint's socket.
struct Owner {
  int pid = 0;
  std::string command;  // /proc/PID/comm
  int descriptor = 0;
};

// One endpoint of one connection. A path that starts from nothing begins
// with a transition from kClosed; the current state is the last `to`.
struct EndpointTimeline {
  std::string host;
  std::string connection;  // its name in the scenario, or "#3" if it has none
  FourTuple tuple;
  std::uint64_t cookie = 0;
  SocketOptions options;
  // The state that it was found in, if it was there before the observer; else
  // closed.
  TcpState initial = TcpState::kClosed;
  std::vector<Transition> transitions;
  std::vector<Sample> samples;      // kept: first and last of each state, and
                                    // those that started or ended a timer
  std::vector<TimerRecord> timers;  // where tracepoints tell them
  std::vector<Packet> packets;
  // Further segments without SYN, FIN and RST that were seen and not kept:
  // bulk data. Only the number of those three is exact then.
  std::uint64_t packets_not_kept = 0;
  std::vector<Owner> owners;  // as of the end of the run; none for an orphan
  // Why this timeline is not to be trusted; empty when it is complete.
  std::string hole;

  TcpState state() const {
    return transitions.empty() ? initial : transitions.back().to;
  }
};

// One step as it was played.
struct StepRecord {
  int number = 0;    // 1-based, as in the file
  std::string host;  // empty for steps that belong to no host
  std::string text;  // "client: close(conn)"
  TimePoint begin;   // of the system call itself where there is one
  TimePoint end;
  std::string connection;  // the connection it was about, if any
};

// How many sockets a host had in each state at some moment of the run.
struct SocketCount {
  TcpState state = TcpState::kClosed;
  int total = 0;
  int without_process = 0;  // inode 0
};

struct Census {
  TimePoint at;
  std::string host;
  std::vector<SocketCount> counts;
};

// nstat(8) names to the difference over the run ("TcpExtTW" -> 1).
using CounterDeltas = std::map<std::string, std::int64_t>;

// A program a scenario ran, once for every (re)start.
struct ProgramRecord {
  std::string host;
  std::string name;
  int pid = 0;
  TimePoint started;
  std::optional<TimePoint> ended;
  std::optional<int> exit_code;
  std::optional<int> term_signal;
  std::string output;  // standard output and error, at most 64 KiB of its end
};

// Of a frame at most so many bytes are read and kept: Ethernet, IPv6 and TCP
// headers with all options, or those of an ICMP error and of what it is about.
inline constexpr int kFrameBytes = 128;

// A frame as it passed an interface, cut off after the headers.
struct Frame {
  TimePoint at;
  std::size_t interface = 0;  // index into Timeline::interfaces
  bool sent = false;          // through that interface, or received from it
  std::uint32_t length = 0;   // on the wire
  std::vector<std::uint8_t> bytes;
};

// One source of observations in a run, and how good it was.
struct SourceRecord {
  std::string name;  // "sockops", "timer tracepoints", "packets", "sock_diag"
  bool used = false;
  std::string detail;        // why not, and what that costs in precision
  std::uint64_t events = 0;  // delivered
  std::uint64_t lost = 0;    // known to have been lost on the way to us
  // How late the machine was at most, by what this source saw of it: a timer
  // of anybody's after the end of its slot of the timer wheel, and the count of
  // jiffies after the clock. Timers of sockets are meanwhile fired late, or
  // armed by an old count.
  Duration late_timer{};
  Duration late_tick{};
};

// Everything seen in one run of one scenario case.
struct Timeline {
  TimePoint begin;  // zero of every printed time
  TimePoint end;
  std::vector<EndpointTimeline> endpoints;
  std::vector<StepRecord> steps;
  std::vector<Census> censuses;
  std::vector<ProgramRecord> programs;
  std::map<std::string, CounterDeltas> counters;  // by host
  std::uint64_t packets_dropped = 0;  // by the capture, not by the network
  std::vector<SourceRecord> sources;
  // For pcapng, where asked for: "client:eth0", and what passed there, in the
  // order of time.
  std::vector<std::string> interfaces;
  std::vector<Frame> frames;
  // What makes a wall-clock time since 1970 of a TimePoint.
  Duration realtime_offset{};

  // The endpoint of `connection` on `host`, or null.
  const EndpointTimeline* Find(const std::string& host,
                               const std::string& connection) const;
};

}  // namespace finwait::tcp
