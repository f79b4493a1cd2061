// Tells unfinished closes.
#include "judge/blame.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "judge/blame_group.h"

namespace finwait::judge {
namespace {

using tcp::EndpointTimeline;
using tcp::Owner;
using tcp::TcpState;
using tcp::Timeline;

// For reading: tenths of a second, or milliseconds below one.
std::string Rounded(Duration duration) {
  using std::chrono::milliseconds;
  auto unit =
      duration < std::chrono::seconds(1) ? milliseconds(1) : milliseconds(100);
  Duration step = unit;
  return Format((duration + step / 2) / step * step);
}

std::string RangeText(Duration low, Duration high) {
  std::string first = Rounded(low);
  std::string last = Rounded(high);
  return first == last ? first : first + " to " + last;
}

// "8s to 9s"; "at least 8s" when some did not begin during the run.
std::string ElapsedText(const std::vector<End>& ends) {
  auto [low, high] = std::minmax_element(
      ends.begin(), ends.end(),
      [](const End& a, const End& b) { return a.elapsed < b.elapsed; });
  bool at_least = std::any_of(ends.begin(), ends.end(),
                              [](const End& end) { return end.at_least; });
  if (at_least) return "at least " + Rounded(low->elapsed);
  return RangeText(low->elapsed, high->elapsed);
}

// "60s more"; "for an unknown time" when nobody can tell.
std::string RemainingText(const std::vector<End>& ends) {
  std::optional<Duration> low;
  std::optional<Duration> high;
  for (const End& end : ends) {
    if (!end.remaining) return "for an unknown time";
    low = std::min(low.value_or(*end.remaining), *end.remaining);
    high = std::max(high.value_or(*end.remaining), *end.remaining);
  }
  return RangeText(*low, *high) + " more";
}

std::string TupleText(const End& end) {
  return ToString(end.endpoint->tuple.local) + " > " +
         ToString(end.endpoint->tuple.remote);
}

// "client's FIN_WAIT2 (10.0.0.1:40000 > 10.0.0.2:7000)", or "1000 of client's
// FIN_WAIT2 (such as ...)".
std::string Subject(const std::vector<End>& ends) {
  const End& first = ends.front();
  bool many = ends.size() > 1;
  return (many ? std::to_string(ends.size()) + " of " : "") +
         first.endpoint->host + "'s " + std::string(Name(first.state)) + " (" +
         (many ? "such as " : "") + TupleText(first) + ")";
}

// "descriptor 5", "1000 descriptors (5 to 1004)"
std::string DescriptorText(const std::vector<End>& ends, int pid) {
  std::set<int> held;
  for (const End& end : ends) {
    for (const Owner& owner : end.endpoint->owners) {
      if (owner.pid == pid) held.insert(owner.descriptor);
    }
  }
  std::string first = std::to_string(*held.begin());
  if (held.size() == 1) return "descriptor " + first;
  return std::to_string(held.size()) + " descriptors (" + first + " to " +
         std::to_string(*held.rbegin()) + ")";
}

// "server process 4242 (`python3`) holds descriptor 5 and ...", or that it is
// not known who holds it.
std::string Holders(const std::vector<End>& ends, const std::string& holds) {
  const EndpointTimeline& first = *ends.front().endpoint;
  std::map<int, std::string> processes;
  for (const Owner& owner : first.owners) {
    processes.emplace(owner.pid, owner.command);
  }
  if (processes.empty()) {
    return "a process on " + first.host + ", not known which, " + holds +
           " its descriptor";
  }
  std::string text;
  for (const auto& [pid, command] : processes) {
    text += (text.empty() ? first.host : " and") + " process " +
            std::to_string(pid) + " (`" + command + "`) " + holds + " " +
            DescriptorText(ends, pid);
  }
  return text;
}

std::string FinWait2Text(const std::vector<End>& ends) {
  bool many = ends.size() > 1;
  if (!ends.front().owned) {
    return Subject(ends) +
           (many ? " are orphans (no process) and will live "
                 : " is an orphan (no process) and will live ") +
           RemainingText(ends);
  }
  return Subject(ends) + (many ? " are" : " is") +
         " half-closed, which is legitimate and never times out: " +
         Holders(ends, "holds");
}

std::string CloseWaitText(const std::vector<End>& ends) {
  bool many = ends.size() > 1;
  std::string received = std::string(" in CLOSE_WAIT: it received the ") +
                         (many ? "FINs " : "FIN ") + ElapsedText(ends) +
                         " ago and has not called close()";
  if (ends.front().owned) return Holders(ends, "still holds") + received;
  // Linux: a socket has inode 0 until accept(2) gives it a descriptor.
  return Subject(ends) + (many ? " wait" : " waits") +
         " in a listener's queue: the FIN came " + ElapsedText(ends) +
         " ago and nobody has called accept()";
}

std::string TimeWaitText(const std::vector<End>& ends) {
  return Subject(ends) +
         (ends.size() > 1 ? " need no process and will live "
                          : " needs no process and will live ") +
         RemainingText(ends);
}

std::string UnackedText(const std::vector<End>& ends) {
  bool many = ends.size() > 1;
  std::string text = Subject(ends);
  text += many ? " have waited " : " has waited ";
  text += ElapsedText(ends) + " for the ACK of its FIN and will go on for ";
  std::string rest = RemainingText(ends);
  text += rest == "for an unknown time" ? "an unknown time" : rest;
  if (ends.front().owned) return text + "; " + Holders(ends, "holds");
  return text + (many ? "; they are orphans (no process)"
                      : "; it is an orphan (no process)");
}

std::string ClosingText(const std::vector<End>& ends) {
  switch (ends.front().state) {
    case TcpState::kFinWait2:
      return FinWait2Text(ends);
    case TcpState::kCloseWait:
      return CloseWaitText(ends);
    case TcpState::kTimeWait:
      return TimeWaitText(ends);
    default:
      return UnackedText(ends);
  }
}

// What a peer that is not closing means for the end that waits for it.
std::string IdlePeerText(const std::vector<End>& peers) {
  const End& first = peers.front();
  std::string host = first.endpoint->host;
  if (first.state == TcpState::kClosed) {
    return host + " has no such socket any more";
  }
  std::string text = host + " is still in " + std::string(Name(first.state)) +
                     ": the FIN has not reached it";
  return first.owned ? text + "; " + Holders(peers, "holds") : text;
}

std::string GroupText(const Group& group) {
  std::string text = ClosingText(group.ends);
  if (group.peers.empty()) return text + ".";
  bool closing = BeganToClose(group.peers.front().state);
  bool settled = group.ends.front().state == TcpState::kTimeWait && !closing;
  if (settled) return text + ".";
  return text + "; " +
         (closing ? ClosingText(group.peers) : IdlePeerText(group.peers)) + ".";
}

}  // namespace

std::vector<std::string> Blame(const Timeline& timeline,
                               const Environment& environment) {
  std::vector<std::string> sentences;
  for (const Group& group : Grouped(timeline, environment)) {
    sentences.push_back(GroupText(group));
  }
  return sentences;
}

}  // namespace finwait::judge
