// Says what a change of state means for the connection.
#include "report/change_line.h"

#include <algorithm>
#include <chrono>

#include "report/chronicle.h"
#include "report/text.h"
#include "tcp/linux_timing.h"

namespace finwait::report {
namespace {

using tcp::SocketFacts;
using tcp::TcpState;

// Two IPv4 addresses with ports, mostly, and the longest change.
constexpr std::size_t kTupleWidth = 35;
constexpr std::size_t kChangeWidth = 25;
constexpr std::size_t kCauseWidth = 36;

std::string TupleText(const tcp::FourTuple& tuple) {
  return ToString(tuple.local) + " > " + ToString(tuple.remote);
}

std::string CauseText(const Change& change) {
  std::string text = change.transition.cause;
  if (!change.lasted) return text;
  if (!text.empty()) text += ", ";
  return text + (change.at_least ? "after at least " : "after ") +
         Rough(*change.lasted);
}

// Of a socket that is in the state the change led to.
const SocketFacts* Now(const Change& change) {
  const bool now = change.facts && change.facts->state == change.transition.to;
  return now ? &*change.facts : nullptr;
}

std::string Known(const Change& change) {
  std::string processes = ProcessesText(change.owners);
  return processes.empty() ? "a process not known" : processes;
}

std::string Orphan(const Change& change) {
  const std::string was = ProcessesText(change.owners);
  return was.empty() ? "no process" : "no process (" + was + " closed it)";
}

std::string Holder(const Change& change) {
  std::string processes = ProcessesText(change.owners);
  const SocketFacts* now = Now(change);
  if (!now) return processes;
  switch (HoldingOf(*now)) {
    case Holding::kProcess:
      return Known(change);
    case Holding::kListener:
      return processes.empty() ? "not accepted yet"
                               : "not accepted by " + processes + " yet";
    case Holding::kNobody:
      return Orphan(change);
    case Holding::kKernel:
      return processes;
  }
  return processes;
}

// "ends in 59.98s to 60.24s": as asked for, and with the timer wheel's
// lateness, which depends on how long the timer was armed for.
std::string EndText(Duration left, Duration armed, const Kernel& kernel) {
  return "ends in " + Rough(left) + " to " +
         Rough(left + tcp::WheelLateness(armed, kernel.hz));
}

// As it was armed when the state began, to the jiffy, up or down.
bool IsFinTimeout(Duration armed, const Kernel& kernel) {
  if (!kernel.fin_timeout) return false;
  const Duration off = armed - *kernel.fin_timeout;
  return std::max(off, -off) <= 2 * tcp::Jiffy(kernel.hz);
}

std::string MinisockText(const Change& change, const SocketFacts& now,
                         const Kernel& kernel) {
  const Duration armed = now.expires + (change.looked - change.transition.at);
  const std::string text = EndText(now.expires, armed, kernel);
  const bool named =
      now.state == TcpState::kFinWait2 && IsFinTimeout(armed, kernel);
  return named ? text + " (tcp_fin_timeout)" : text;
}

// An orphan that lives for more than 60 s is a full socket first, until its
// keepalive timer fires, and then a minisock for as long again
// (tcp/linux_timing.h OrphanFinWait2()).
std::string FullOrphanText(const Change& change, const SocketFacts& now,
                           const Kernel& kernel) {
  if (now.timer != tcp::TimerKind::kKeepalive) return "";
  Duration first = now.expires + (change.looked - change.transition.at);
  const bool named = IsFinTimeout(first + tcp::kTimeWaitLength, kernel);
  if (named) first = *kernel.fin_timeout - tcp::kTimeWaitLength;
  const tcp::TcpInfo info = now.info.value_or(tcp::TcpInfo{});
  const Duration second =
      std::max(first, tcp::FinWait2Floor(info.rto, kernel.hz));
  const Duration end = now.expires + second;
  const Duration late = tcp::WheelLateness(first, kernel.hz) +
                        tcp::WheelLateness(second, kernel.hz);
  return ": ends in " + Rough(end) + " to " + Rough(end + late) +
         (named ? " (tcp_fin_timeout, in two stages)" : "");
}

std::string FinWait2Text(const Change& change, const Kernel& kernel) {
  const SocketFacts* now = Now(change);
  if (!now) return Holder(change);
  if (now->minisock()) {
    return Orphan(change) + ": " + MinisockText(change, *now, kernel);
  }
  if (now->inode == 0)
    return Orphan(change) + FullOrphanText(change, *now, kernel);
  return Known(change) + ", half closed: no timer, may stay for ever";
}

std::string CloseWaitText(const Change& change) {
  const SocketFacts* now = Now(change);
  if (!now || now->inode == 0) return Holder(change);
  return Known(change) + " has not closed";
}

std::string Outlook(const Change& change, const Kernel& kernel) {
  const SocketFacts* now = Now(change);
  switch (change.transition.to) {
    case TcpState::kFinWait2:
      return FinWait2Text(change, kernel);
    case TcpState::kCloseWait:
      return CloseWaitText(change);
    case TcpState::kTimeWait:
      return now && now->minisock() ? MinisockText(change, *now, kernel) : "";
    case TcpState::kClosed: {
      const std::string was = ProcessesText(change.owners);
      return was.empty() ? "" : "was of " + was;
    }
    default:
      return Holder(change);
  }
}

Color ColorOf(const Change& change) {
  const SocketFacts* now = Now(change);
  const bool held = now && now->inode != 0;
  const bool stuck = change.transition.to == TcpState::kFinWait2 ||
                     change.transition.to == TcpState::kCloseWait;
  return held && stuck ? Color::kYellow : Color::kNone;
}

std::string TwoDigits(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::string ClockText(Duration time_of_day, Duration uncertainty) {
  using std::chrono::milliseconds;
  const auto ms = std::chrono::floor<milliseconds>(time_of_day).count();
  const std::int64_t s = ms / 1000;
  std::string text = TwoDigits(s / 3600) + ":" + TwoDigits(s / 60 % 60) + ":" +
                     TwoDigits(s % 60) + ".";
  const std::string digits = std::to_string(1000 + ms % 1000).substr(1);
  const std::size_t sure = uncertainty <= milliseconds(2)     ? 3
                           : uncertainty <= milliseconds(20)  ? 2
                           : uncertainty <= milliseconds(200) ? 1
                                                              : 0;
  if (sure == 0) text.pop_back();
  return PadRight(text + digits.substr(0, sure), 12);
}

std::string ChangeLine(const Change& change, const Kernel& kernel,
                       const Style& style) {
  const tcp::Transition& transition = change.transition;
  std::string line =
      ClockText(change.time_of_day, transition.latest - transition.earliest) +
      "  " + PadRight(TupleText(change.tuple), kTupleWidth) + "  " +
      PadRight(ChangeText(transition), kChangeWidth) + "  ";
  const std::string outlook = Outlook(change, kernel);
  const std::string cause = CauseText(change);
  line += Paint(outlook.empty() ? cause : PadRight(cause, kCauseWidth),
                Color::kDim, style);
  if (outlook.empty()) return line;
  return line + "  " + Paint(outlook, ColorOf(change), style);
}

}  // namespace finwait::report
