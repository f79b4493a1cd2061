// What a scenario says TCP must do. Values; judge/ compares them with a
// Timeline.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "scenario/diagnostic.h"
#include "scenario/step.h"
#include "tcp/tcp_state.h"
#include "tcp/timeline.h"

namespace finwait::scenario {

// A duration given as such, or by the name of a formula (tcp/formula.h) that
// computes it from sysctls and socket options ("tcp_fin_timeout").
struct Span {
  std::optional<Duration> duration;
  std::string formula;
};

// How long a state lasts.
struct Lasts {
  enum class Kind : std::uint8_t {
    kTimer,     // "5s", "tcp_fin_timeout": a kernel timer armed with this:
                // never early, late by at most one slot of the timer wheel
    kAtLeast,   // "at least 20s"
    kAtMost,    // "at most 1s"
    kBetween,   // "between 1s and 2s"
    kToTheEnd,  // "to the end": still there when the run ended
  };
  Kind kind = Kind::kTimer;
  Span span;   // the duration, or the lower bound of kBetween
  Span upper;  // kBetween only
};

struct InfoExpectation {  // a TCP_INFO field at the last full-socket look
  std::string field;      // "total_retrans"
  CountBound value;       // durations in microseconds, as tcp_info has them
  Place place;
};

// What is expected while an endpoint is in one state.
struct StateExpectation {
  tcp::TcpState state = tcp::TcpState::kClosed;
  int occurrence = 1;  // the n-th time the path is in this state
  std::optional<Lasts> lasts;
  std::optional<bool> orphan;           // inode 0 on every look
  std::optional<tcp::TimerKind> timer;  // at the first look
  std::optional<Lasts> timer_left;  // what that timer had left; kTimer: equal
                                    // to the jiffy
  // sk_shutdown of the full socket, on every look: 0 none, 1 receive, 2 send,
  // 3 both.
  std::optional<std::uint8_t> shutdown;
  std::vector<InfoExpectation> info;  // at the last look in this state
  Place place;
};

enum class Ending : std::uint8_t {
  kSilently,  // no segment either way: a timer, or an abort without RST
  kTimer,     // silently, and by the timer that was armed
  kFin,       // by an exchange of FINs
  kSentReset,
  kReceivedReset,
};

struct PacketExpectation {
  std::optional<bool> sent;     // by this endpoint; none: either way
  std::uint8_t flags = 0;       // all of these set
  std::optional<bool> payload;  // with, or without
  CountBound count;
  std::optional<tcp::TcpState> during;  // only while in this state
  std::optional<tcp::TcpState> after;   // only after this state was left
  std::optional<tcp::TcpState> since;   // only since this state began
  // When the one numbered `number` of them passed, reckoned from the begin of
  // `since`.
  std::optional<Lasts> at;
  int number = 1;
  // From the first of them to the second, from there to the third, ...
  std::vector<Lasts> gaps;
  Place place;
};

// Expectations on one endpoint of one connection.
struct EndpointExpectation {
  std::string host;
  std::string connection;
  // Of many connections of this name (ConnectionName::every), so many may fail
  // each sentence: where the kernel itself leaves a rare race open.
  int except = 0;
  std::optional<std::vector<tcp::TcpState>> path;
  std::vector<StateExpectation> states;
  std::vector<tcp::TcpState> never;
  std::optional<Ending> ends;
  std::vector<PacketExpectation> packets;
  std::vector<InfoExpectation> info;
  Place place;
  Place path_place;
  Place never_place;
  Place ends_place;
};

// How many sockets of a host were in one state over time.
struct SocketsExpectation {
  // So many at a time after the first one had entered the state.
  struct Moment {
    Duration after{};
    CountBound sockets;
    Place place;
  };
  std::string host;
  std::string connection;  // only those of this name; empty: all
  tcp::TcpState state = tcp::TcpState::kClosed;
  std::optional<bool> orphan;        // only those without a process, or with
  std::optional<CountBound> peak;    // most at the same time
  std::optional<CountBound> at_end;  // when the run ended
  std::optional<Lasts> lasts;        // from the first to the last of them
  std::vector<Moment> moments;
  Place place;
};

struct CounterExpectation {
  std::string host;
  // nstat(8): "TcpExtTW", "TcpOutRsts"; or with '*', which stands for any text:
  // every counter of this pattern that has no sentence of its own.
  std::string name;
  CountBound delta;
  Place place;

  bool IsPattern() const { return name.find('*') != std::string::npos; }
  bool IsAbout(const std::string& counter) const;
};

struct ProgramExpectation {
  std::string host;
  std::string name;
  std::optional<int> exit_code;
  std::optional<int> term_signal;
  std::vector<std::string> output_contains;
  std::vector<std::string> output_lacks;
  Place place;
};

// Gives names to connections that programs make. A scenario's own sockets
// have their names from `as`.
struct ConnectionName {
  std::string name;
  std::string from;    // client host; empty: any
  Target to;           // host and port
  int number = 1;      // the n-th such connection, in order of their SYNs
  bool every = false;  // expectations hold for each of them
  Place place;
};

}  // namespace finwait::scenario
