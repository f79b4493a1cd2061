// Steps in words, as reports print them.
#include <cstring>

#include "base/one_line.h"
#include "scenario/sequence_number.h"
#include "scenario/socket_option.h"
#include "scenario/step.h"
#include "scenario/target.h"
#include "tcp/timeline.h"

namespace finwait::scenario {
namespace {

std::string Options(const SocketOptionValues& values) {
  std::string text;
  for (const auto& [name, value] : values) {
    const SocketOption* option = FindSocketOption(name);
    text += ", " + name + "=" +
            (option != nullptr ? DescribeValue(*option, value)
                               : std::to_string(value));
  }
  return text;
}

std::string Shortened(const std::string& text) {
  constexpr std::size_t kMost = 32;
  if (text.size() <= kMost) return "\"" + OnOneLine(text) + "\"";
  return "\"" + OnOneLine(text.substr(0, kMost)) + "…\"";
}

std::string Bytes(std::uint64_t bytes) { return Format(ByteCount{bytes}); }

std::string Flags(std::uint8_t flags) {
  return flags == 0 ? "any segment" : tcp::FlagNames(flags);
}

std::string OrNot(const std::optional<bool>& orphan) {
  if (!orphan) return "";
  return *orphan ? " without a process" : " with a process";
}

// One sentence part for each action, without the host.
struct InWords {
  std::string operator()(const OpenSocket& a) const {
    return "socket(" + a.as + Options(a.options) + ")";
  }
  std::string operator()(const Bind& a) const {
    return "bind(" + a.socket + ", " + Describe(a.to) + ")";
  }
  std::string operator()(const Listen& a) const {
    std::string where = a.on ? "" : ", " + Describe(a.at);
    return "listen(" + a.as + where + Options(a.options) + ")";
  }
  std::string operator()(const Connect& a) const {
    std::string from = a.from ? ", from " + Describe(*a.from) : "";
    return "connect(" + a.as + ", " + Describe(a.to) + from +
           (a.blocking ? "" : ", non-blocking") + Options(a.options) + ")";
  }
  std::string operator()(const Accept& a) const {
    return "accept(" + a.as + ", from " + a.listener + ")";
  }
  std::string operator()(const Send& a) const {
    std::string what = a.until_full     ? "until full"
                       : a.data.empty() ? Bytes(a.bytes)
                                        : Shortened(a.data);
    return "send(" + a.socket + ", " + what + ")";
  }
  std::string operator()(const Receive& a) const {
    std::string what;
    if (a.data) what += ", " + Shortened(*a.data);
    if (a.bytes) what += ", " + Bytes(*a.bytes);
    if (a.end_of_file) what += ", end of file";
    return "receive(" + a.socket + what + ")";
  }
  std::string operator()(const Shutdown& a) const {
    const char* how = a.how == ShutdownHow::kRead    ? "read"
                      : a.how == ShutdownHow::kWrite ? "write"
                                                     : "both";
    return "shutdown(" + a.socket + ", " + how + ")";
  }
  std::string operator()(const Close& a) const {
    return "close(" + a.socket + ")";
  }
  std::string operator()(const Disconnect& a) const {
    return "disconnect(" + a.socket + ")";
  }
  std::string operator()(const SetOption& a) const {
    return "setsockopt(" + a.socket + Options(a.options) + ")";
  }
  std::string operator()(const GetOption& a) const {
    return "getsockopt(" + a.socket + Options(a.options) + ")";
  }
  std::string operator()(const KillActor&) const {
    return "kill -9 of the process that makes its calls";
  }
  std::string operator()(const ExitActor&) const {
    return "exit of the process that makes its calls";
  }
  std::string operator()(const Craft& a) const {
    std::string text = "craft " + tcp::FlagNames(a.flags) + " on " +
                       a.connection + ", seq " + Describe(a.seq);
    if (a.ack) text += ", ack " + Describe(*a.ack);
    if (!a.data.empty()) text += ", " + Shortened(a.data);
    if (a.bytes > 0) text += ", " + Bytes(a.bytes);
    if (a.timestamp == CraftedTimestamp::kNone) text += ", no timestamp";
    if (a.timestamp == CraftedTimestamp::kOld) text += ", old timestamp";
    if (a.count > 1) text += ", " + std::to_string(a.count) + " times";
    return text + " in the name of " + a.sender;
  }
  std::string operator()(const Destroy& a) const {
    return "destroy " + a.connection;
  }
  std::string operator()(const StartProgram& a) const {
    std::string text = "run";
    for (const std::string& word : a.command) text += " " + OnOneLine(word);
    return text;
  }
  std::string operator()(const SignalProgram& a) const {
    const char* name = sigabbrev_np(a.signal);
    std::string signal =
        name != nullptr ? std::string("SIG") + name : std::to_string(a.signal);
    return signal + " to " + a.name;
  }
  std::string operator()(const RestartProgram& a) const {
    return "restart " + a.name;
  }
  std::string operator()(const WriteInput& a) const {
    return "write " + Shortened(a.text) + " to " + a.name;
  }
  std::string operator()(const WriteSysctl& a) const {
    std::string text = "sysctl";
    for (const SysctlValue& v : a.values) text += " " + v.name + "=" + v.value;
    return text;
  }
  std::string operator()(const Impair& a) const {
    if (a.impairment == Impairment{}) return "lift " + a.end;
    return "impair " + a.end + ": " + Describe(a.impairment);
  }
  std::string operator()(const SetLink& a) const {
    return "link " + a.end + (a.up ? " up" : " down");
  }
  std::string operator()(const Drop& a) const {
    std::string what =
        a.pure_ack.value_or(false) ? "pure ACKs" : Flags(a.flags.value_or(0));
    std::string number =
        a.number > 0 ? ", only number " + std::to_string(a.number) : "";
    return "drop " + what + " from " + a.end + (a.to ? " to " + *a.to : "") +
           number;
  }
  std::string operator()(const Blackhole& a) const {
    return "blackhole " + a.end;
  }
  std::string operator()(const Restore& a) const { return "restore " + a.end; }
  std::string operator()(const WaitState& a) const {
    return "wait until " + a.connection + " of " + a.host + " is " +
           std::string(tcp::Name(a.state));
  }
  std::string operator()(const WaitPacket& a) const {
    std::string number =
        a.count > 1 ? ", number " + std::to_string(a.count) : "";
    return "wait until " + a.host + (a.sent ? " sent " : " received ") +
           Flags(a.flags) + " on " + a.connection + number;
  }
  std::string operator()(const WaitSockets& a) const {
    return "wait until " + a.host + " has " + Describe(a.count) + " in " +
           std::string(tcp::Name(a.state)) + OrNot(a.orphan);
  }
  std::string operator()(const WaitDuration& a) const {
    return "wait " + Format(a.duration);
  }
  std::string operator()(const WaitEnd& a) const {
    return "wait until " + a.program + " has ended";
  }
  std::string operator()(const WaitOutput& a) const {
    return "wait until " + a.program + " prints " + Shortened(a.text);
  }
  std::string operator()(const WaitCall& a) const {
    return "wait until the call of " + a.host + " returns";
  }
  std::string operator()(const CountSockets& a) const {
    return "count " + Describe(a.count) + " in " +
           std::string(tcp::Name(a.state)) + " at " + a.host + OrNot(a.orphan);
  }
};

}  // namespace

std::string Describe(const CountBound& bound) {
  std::string min = std::to_string(bound.min);
  std::string max = std::to_string(bound.max);
  if (bound.min == bound.max) return min;
  if (bound.max == INT64_MAX) return "at least " + min;
  if (bound.min == 0) return "at most " + max;
  return "between " + min + " and " + max;
}

std::string Describe(const SequenceNumber& number) {
  if (number.base == SequenceNumber::Base::kZero) {
    return std::to_string(number.offset);
  }
  std::string text(Name(number.base));
  if (number.offset == 0) return text;
  const bool below = number.offset < 0;
  return text + (below ? " - " : " + ") +
         std::to_string(below ? -number.offset : number.offset);
}

std::string Describe(const Step& step) {
  std::string action = std::visit(InWords{}, step.action);
  return step.host.empty() ? action : step.host + ": " + action;
}

}  // namespace finwait::scenario
