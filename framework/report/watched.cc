// Picks and names sockets.
#include "report/watched.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "base/units.h"

namespace finwait::report {

using tcp::Owner;
using tcp::TcpState;

Holding HoldingOf(const tcp::SocketFacts& facts) {
  if (facts.inode != 0) return Holding::kProcess;
  if (facts.minisock()) return Holding::kKernel;
  switch (facts.state) {
    case TcpState::kSynRecv:
      return Holding::kKernel;
    // close() takes a socket out of these two.
    case TcpState::kEstablished:
    case TcpState::kCloseWait:
      return Holding::kListener;
    default:
      return Holding::kNobody;
  }
}

std::string ProcessesText(const std::vector<Owner>& owners) {
  constexpr std::size_t kNamed = 2;
  std::map<int, std::string> processes;
  for (const Owner& owner : owners) processes[owner.pid] = owner.command;
  std::string text;
  std::size_t named = 0;
  for (const auto& [pid, command] : processes) {
    if (named == kNamed && processes.size() > kNamed + 1) {
      return text + " and " + std::to_string(processes.size() - named) +
             " more";
    }
    text +=
        (text.empty() ? "" : ", ") + command + "[" + std::to_string(pid) + "]";
    ++named;
  }
  return text;
}

bool Selection::Wants(const tcp::FourTuple& tuple) const {
  return ports.empty() || ports.contains(tuple.local.port) ||
         ports.contains(tuple.remote.port);
}

bool Selection::Wants(const std::vector<Owner>& owners) const {
  return processes.empty() ||
         std::any_of(owners.begin(), owners.end(), [&](const Owner& owner) {
           return processes.contains(owner.command) ||
                  processes.contains(std::to_string(owner.pid));
         });
}

bool Selection::Wants(const WatchedSocket& socket) const {
  const bool state = states.empty() || states.contains(socket.facts.state);
  return state && Wants(socket.tuple) && Wants(socket.owners);
}

bool Selection::Wants(const tcp::Transition& transition) const {
  return states.empty() || states.contains(transition.from) ||
         states.contains(transition.to);
}

std::string FrameFilter(const Selection& selection, const std::string& frames) {
  std::string ports;
  for (const std::uint16_t port : selection.ports) {
    ports += (ports.empty() ? "port " : " or port ") + std::to_string(port);
  }
  return ports.empty() ? frames : "(" + frames + ") and (" + ports + ")";
}

std::string Rough(Duration duration) {
  Duration step = std::chrono::microseconds(1);
  for (Duration end = 10'000 * step; duration >= end; end *= 10) {
    if (step >= std::chrono::seconds(1)) break;
    step *= 10;
  }
  return Format((duration + step / 2) / step * step);
}

}  // namespace finwait::report
