// Counts sockets by what a person asks about them.
#include "report/standing.h"

#include <algorithm>
#include <optional>

#include "report/text.h"

namespace finwait::report {
namespace {

using tcp::TcpState;
using tcp::TimerKind;
using Sockets = std::vector<const WatchedSocket*>;
using Counted = std::vector<std::pair<std::string, std::size_t>>;

// In the order of a connection's life.
constexpr TcpState kStates[] = {
    TcpState::kSynSent,  TcpState::kSynRecv,  TcpState::kEstablished,
    TcpState::kFinWait1, TcpState::kFinWait2, TcpState::kCloseWait,
    TcpState::kClosing,  TcpState::kLastAck,  TcpState::kTimeWait};

// The most frequent first; equals by their text.
Counted ByCount(const std::map<std::string, std::size_t>& counts) {
  Counted sorted(counts.begin(), counts.end());
  std::stable_sort(
      sorted.begin(), sorted.end(),
      [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

std::string HolderText(const WatchedSocket& socket) {
  std::string processes = ProcessesText(socket.owners);
  switch (HoldingOf(socket.facts)) {
    case Holding::kProcess:
      return processes.empty() ? "of a process not known" : "of " + processes;
    case Holding::kListener:
      return processes.empty() ? "not accepted yet"
                               : "not accepted by " + processes + " yet";
    case Holding::kNobody:
      return "without a process";
    // Every orphan's FIN_WAIT2 is one sooner or later, no TIME_WAIT ever was.
    case Holding::kKernel:
      return socket.facts.state == TcpState::kFinWait2 ? "without a process"
                                                       : "";
  }
  return "";
}

std::string HoldersText(const Sockets& sockets) {
  constexpr std::size_t kNamed = 3;
  std::map<std::string, std::size_t> counts;
  for (const WatchedSocket* socket : sockets) ++counts[HolderText(*socket)];
  counts.erase("");
  std::string text;
  std::size_t rest = 0;
  std::size_t named = 0;
  for (const auto& [holder, count] : ByCount(counts)) {
    if (++named > kNamed) {
      rest += count;
      continue;
    }
    if (!text.empty()) text += ", ";
    if (sockets.size() > 1) text += std::to_string(count) + " ";
    text += holder;
  }
  return rest == 0 ? text : text + ", " + std::to_string(rest) + " of others";
}

// "3 end in 3s to 58s"
std::string TimersText(const Sockets& sockets, TimerKind kind,
                       const std::string& what) {
  std::vector<Duration> left;
  for (const WatchedSocket* socket : sockets) {
    if (socket->facts.timer == kind) left.push_back(socket->facts.expires);
  }
  if (left.empty()) return "";
  const auto [first, last] = std::minmax_element(left.begin(), left.end());
  std::string text = Rough(*first);
  if (*first != *last) text += " to " + Rough(*last);
  const bool all = left.size() == sockets.size();
  return (all ? "" : std::to_string(left.size()) + " ") + what + " in " + text;
}

// What most of several sockets share, as clients or as servers do.
std::string CommonText(const Sockets& sockets) {
  const tcp::FourTuple& one = sockets.front()->tuple;
  if (sockets.size() == 1) {
    return ToString(one.local) + " > " + ToString(one.remote);
  }
  std::map<std::string, std::size_t> counts;
  for (const WatchedSocket* socket : sockets) {
    ++counts["to " + ToString(socket->tuple.remote)];
    ++counts["at " + ToString(socket->tuple.local)];
  }
  const auto [common, count] = ByCount(counts).front();
  if (count == 1) return "";
  return (count == sockets.size() ? "all" : std::to_string(count)) + " " +
         common;
}

std::string StateLine(TcpState state, const Sockets& sockets) {
  std::string line = "  " + PadRight(Name(state), 12) +
                     PadLeft(std::to_string(sockets.size()), 6) + "  ";
  std::string details;
  for (const std::string& detail :
       {HoldersText(sockets), TimersText(sockets, TimerKind::kTimewait, "end"),
        TimersText(sockets, TimerKind::kRetransmit, "retransmit"),
        TimersText(sockets, TimerKind::kPersist, "probe a closed window"),
        CommonText(sockets)}) {
    if (detail.empty()) continue;
    details += (details.empty() ? "" : "; ") + detail;
  }
  return line + details + "\n";
}

}  // namespace

std::string StandingTable(const std::vector<WatchedSocket>& sockets) {
  std::string table;
  for (const TcpState state : kStates) {
    Sockets here;
    for (const WatchedSocket& socket : sockets) {
      if (socket.facts.state == state) here.push_back(&socket);
    }
    if (!here.empty()) table += StateLine(state, here);
  }
  return table.empty() ? "  none\n" : table;
}

std::string ChangeTable(const ChangeCounts& counts) {
  std::vector<std::pair<std::uint64_t, std::string>> lines;
  for (const auto& [change, count] : counts) {
    lines.emplace_back(count, std::string(Name(change.first)) + " → " +
                                  std::string(Name(change.second)));
  }
  std::stable_sort(
      lines.begin(), lines.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string table;
  for (const auto& [count, change] : lines) {
    table += PadLeft(std::to_string(count), 8) + "  " + change + "\n";
  }
  return table.empty() ? "  none\n" : table;
}

}  // namespace finwait::report
