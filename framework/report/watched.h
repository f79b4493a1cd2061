// The connections of a host that goes on running, and which of them somebody
// wants to hear of. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tcp/timeline.h"

namespace finwait::report {

// One socket as it is now. `owners` hold it; of an orphan, they held it last;
// of one that waits for accept(), they hold the listener.
struct WatchedSocket {
  tcp::FourTuple tuple;
  tcp::SocketFacts facts;
  std::vector<tcp::Owner> owners;
};

// Who has a socket.
enum class Holding : std::uint8_t {
  kProcess,
  kListener,  // in its queue: nobody has called accept() yet
  kNobody,    // an orphan: its process has closed it, or is dead
  kKernel,    // a minisock or request socket, which never has a process
};
Holding HoldingOf(const tcp::SocketFacts& facts);

// "nginx[12]", "nginx[12], nginx[13] and 6 more"; each process once.
std::string ProcessesText(const std::vector<tcp::Owner>& owners);

// What is wanted: everything that all of the non-empty sets let pass.
struct Selection {
  std::set<std::uint16_t> ports;    // the local or the remote one
  std::set<std::string> processes;  // pid, or name as in /proc/PID/comm
  std::set<tcp::TcpState> states;

  bool Wants(const tcp::FourTuple& tuple) const;
  bool Wants(const std::vector<tcp::Owner>& owners) const;
  bool Wants(const WatchedSocket& socket) const;
  // Does it lead into or out of a wanted state?
  bool Wants(const tcp::Transition& transition) const;
};

// Those of `frames` that can be of such connections; both as in
// pcap-filter(7).
std::string FrameFilter(const Selection& selection, const std::string& frames);

// A duration for reading: four digits at most.
std::string Rough(Duration duration);

}  // namespace finwait::report
