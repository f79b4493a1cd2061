// How expectations and evidence are put into words.
#include "judge/wording.h"

#include "base/units.h"

namespace finwait::judge {
namespace {

using Kind = scenario::Lasts::Kind;

std::string FlagText(std::uint8_t flags) {
  return flags == 0 ? "segment" : tcp::FlagNames(flags);
}

}  // namespace

std::string Describe(const scenario::Span& span) {
  return span.duration ? Format(*span.duration) : span.formula;
}

std::string Describe(const scenario::Lasts& lasts) {
  switch (lasts.kind) {
    case Kind::kTimer:
      return Describe(lasts.span);
    case Kind::kAtLeast:
      return "at least " + Describe(lasts.span);
    case Kind::kAtMost:
      return "at most " + Describe(lasts.span);
    case Kind::kBetween:
      return "between " + Describe(lasts.span) + " and " +
             Describe(lasts.upper);
    case Kind::kToTheEnd:
      break;
  }
  return "to the end";
}

std::string Describe(const scenario::PacketExpectation& packet) {
  std::string text = scenario::Describe(packet.count) + " ";
  text += FlagText(packet.flags);
  if (packet.payload) text += *packet.payload ? " with data" : " without data";
  if (packet.sent) text += *packet.sent ? " sent" : " received";
  if (packet.during) text += " during " + std::string(Name(*packet.during));
  if (packet.since) text += " since " + std::string(Name(*packet.since));
  if (packet.after) text += " after " + std::string(Name(*packet.after));
  return text;
}

std::string_view Name(scenario::Ending ending) {
  switch (ending) {
    case scenario::Ending::kSilently:
      return "silently";
    case scenario::Ending::kTimer:
      return "by a timer";
    case scenario::Ending::kFin:
      return "fin";
    case scenario::Ending::kSentReset:
      return "sent reset";
    case scenario::Ending::kReceivedReset:
      break;
  }
  return "received reset";
}

std::string_view Name(tcp::TimerKind timer) {
  switch (timer) {
    case tcp::TimerKind::kOff:
      return "off";
    case tcp::TimerKind::kRetransmit:
      return "retransmit";
    case tcp::TimerKind::kKeepalive:
      return "keepalive";
    case tcp::TimerKind::kTimewait:
      return "timewait";
    case tcp::TimerKind::kPersist:
      break;
  }
  return "persist";
}

std::string Ordinal(int n) {
  bool teen = n % 100 / 10 == 1;
  if (n % 10 == 1 && !teen) return std::to_string(n) + "st";
  if (n % 10 == 2 && !teen) return std::to_string(n) + "nd";
  if (n % 10 == 3 && !teen) return std::to_string(n) + "rd";
  return std::to_string(n) + "th";
}

std::string ShutdownText(std::uint8_t shutdown) {
  switch (shutdown) {
    case 0:
      return "not shut down";
    case 1:
      return "shut down for receiving";
    case 2:
      return "shut down for sending";
    default:
      return "shut down for both";
  }
}

std::string PathText(const std::vector<tcp::TcpState>& path,
                     std::optional<std::size_t> marked) {
  std::string text;
  for (std::size_t i = 0; i < path.size(); ++i) {
    std::string name(Name(path[i]));
    if (i > 0) text += " > ";
    text += marked == i ? "[" + name + "]" : name;
  }
  if (marked && *marked >= path.size()) {
    text += text.empty() ? "[nothing]" : " > [nothing]";
  }
  return text;
}

std::string Since(TimePoint begin, TimePoint at) { return Format(at - begin); }

std::string Describe(const tcp::Packet& packet, TimePoint begin) {
  std::string text = packet.sent ? "sent " : "received ";
  text += tcp::FlagNames(packet.flags);
  if (packet.length > 0) {
    text += " with " + std::to_string(packet.length) + " bytes";
  }
  return text + " at " + Since(begin, packet.at);
}

}  // namespace finwait::judge
