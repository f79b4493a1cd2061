// What one run of one case did: what a kernel is answerable for, and nothing
// that is different in every run (ports, pids, cookies, sequence numbers,
// moments). Two of them can be compared, and one can be kept in a file.
//
// Plain data, in an order that depends on what happened alone. `line` is where
// a fact stands in a baseline file, 0 if it was not read from one. Times are
// whole microseconds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "judge/duration.h"
#include "judge/result.h"
#include "judge/stay.h"
#include "judge/verdict.h"
#include "tcp/tcp_state.h"
#include "tcp/timeline.h"

namespace finwait::compare {

// One stay in one state. Of a crowd: the shortest and the longest as bounds,
// the one in the middle as the best figure.
struct Stay {
  tcp::TcpState state = tcp::TcpState::kClosed;
  std::string cause;       // of its begin; empty if only looks showed it
  judge::Interval length;  // meaningless for CLOSED
  // A timer of its own ended it, the last of so many one after the other since
  // anything had happened to it; 0 if something else did.
  int timers = 0;
  // How long nothing had happened then, if not since the stay began.
  std::optional<Duration> silence;
  std::optional<Duration> armed;  // what the kernel armed the last one with
  // What the looks at the socket found; none if there was no look.
  std::optional<bool> orphan;
  std::vector<tcp::TimerKind> timer_kinds;  // one after the other
  int line = 0;
};

// A segment that makes a connection: SYN, FIN, RST, or one sent once more
// (segments.h).
struct Segment {
  bool sent = false;
  std::uint8_t flags = 0;  // without PSH, which depends on how data was cut
  bool again = false;      // begins before what had been sent already
  // Since the one before; of one sent again, since any other of its direction.
  Duration after{};
  int line = 0;
};

// How often something was seen; `line` as above.
struct Count {
  std::int64_t value = 0;
  int line = 0;
};

// One end of one connection, or of all those connections of a crowd that went
// through the same states.
struct Endpoint {
  std::string host;
  std::string connection;  // "each#" for "each#1", "each#2", ... of a crowd
  Count members{1, 0};
  std::vector<Stay> stays;
  std::vector<Segment> segments;  // none of a crowd
  // "sent data", "received ACK": all others by kind; of a crowd all there are.
  std::map<std::string, Count> totals;
  // Of TCP_INFO, when the full socket was last seen with nothing on its way a
  // second time; not of a crowd. Of repeats the segments tell.
  std::optional<Duration> rto;
  std::map<std::string, Count> info;
  int line = 0;
};

// How a program ended: "exit code 0", "signal 9", "running".
struct Program {
  std::string host;
  std::string name;
  std::string ending;
  int line = 0;
};

// What came of an expectation that does not hold.
struct Judgement {
  std::string subject;
  std::string expected;
  judge::Verdict verdict = judge::Verdict::kPass;
  int line = 0;
};

struct Behaviour {
  std::string case_name;  // "tcp_fin_timeout=61"; empty if the file has one
  std::string kernel;     // uname -r
  int hz = 250;
  bool virtual_time = false;
  Duration pauses{};  // between steps: how long programs waited to go on
  judge::Lateness late;
  judge::Verdict verdict = judge::Verdict::kPass;
  std::vector<Endpoint> endpoints;
  // By host and name; TCP's own, but for those in Noisy() (distill.cc).
  std::map<std::string, std::map<std::string, Count>> counters;
  // By "server FIN_WAIT2", or "... without process": when last counted.
  std::map<std::string, Count> sockets;
  std::vector<Program> programs;
  std::vector<Judgement> judgements;  // those that did not pass
  int line = 0;

  // More connections than can be told one by one.
  bool IsCrowd() const;
};

// Why it cannot be said what the run did: it was broken or unsupported, or not
// observed completely. Empty if all is known.
std::string WhyUnknown(const judge::Result& result);

// Of a result about which all is known.
Behaviour Distill(const judge::Result& result);

}  // namespace finwait::compare
