// Reading a timeline.
#include "tcp/timeline.h"

#include <array>
#include <utility>

namespace finwait::tcp {

std::string_view Name(Source source) {
  switch (source) {
    case Source::kStep:
      return "step";
    case Source::kPacket:
      return "packets";
    case Source::kDiag:
      return "sock_diag";
    case Source::kSockops:
      return "sockops";
    case Source::kTracepoint:
      return "tracepoint";
  }
  return "";
}

std::string FlagNames(std::uint8_t flags) {
  // SYN, FIN and RST come first, as people say "FIN|ACK".
  static constexpr std::array<std::pair<TcpFlag, const char*>, 8> kNames = {{
      {kSyn, "SYN"},
      {kFin, "FIN"},
      {kRst, "RST"},
      {kPsh, "PSH"},
      {kAck, "ACK"},
      {kUrg, "URG"},
      {kEce, "ECE"},
      {kCwr, "CWR"},
  }};
  std::string names;
  for (const auto& [flag, name] : kNames) {
    if (!(flags & flag)) continue;
    if (!names.empty()) names += '|';
    names += name;
  }
  return names.empty() ? "none" : names;
}

const EndpointTimeline* Timeline::Find(const std::string& host,
                                       const std::string& connection) const {
  for (const EndpointTimeline& endpoint : endpoints) {
    if (endpoint.host == host && endpoint.connection == connection) {
      return &endpoint;
    }
  }
  return nullptr;
}

}  // namespace finwait::tcp
