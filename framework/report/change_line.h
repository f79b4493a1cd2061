// One change of state of a watched connection as one line. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/terminal.h"
#include "report/watched.h"
#include "tcp/timeline.h"

namespace finwait::report {

// What is said of a change. `socket` is what a look at `looked` found, no
// matter in which state; without one, who has the socket is not known.
struct Change {
  tcp::FourTuple tuple;
  tcp::Transition transition;
  Duration time_of_day{};  // of transition.at
  // How long the state lasted that it ended; at least so long where that had
  // begun before the watch.
  std::optional<Duration> lasted;
  bool at_least = false;
  std::optional<tcp::SocketFacts> facts;
  TimePoint looked;
  std::vector<tcp::Owner> owners;  // as in WatchedSocket
};

// What a socket's future depends on beside the socket.
struct Kernel {
  int hz = 250;
  std::optional<Duration> fin_timeout;  // net.ipv4.tcp_fin_timeout
};

// "12:00:01.234  10.0.0.1:40184 > 10.0.0.2:7000  FIN_WAIT1 → FIN_WAIT2
// received ACK of FIN, after 1.9ms  no process (app[77] closed it): ends in
// 59.98s to 60.24s (tcp_fin_timeout)".
std::string ChangeLine(const Change& change, const Kernel& kernel,
                       const Style& style);

// "12:00:01.234"; with fewer digits where it is not known as exactly.
std::string ClockText(Duration time_of_day, Duration uncertainty);

}  // namespace finwait::report
