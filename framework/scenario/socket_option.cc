// The table of socket options: socket(7), tcp(7).
#include "scenario/socket_option.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/units.h"

namespace finwait::scenario {

const std::vector<SocketOption>& SocketOptions() {
  using Unit = OptionUnit;
  static const auto& options = *new std::vector<SocketOption>{
      {"SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE, Unit::kFlag},
      {"SO_LINGER", SOL_SOCKET, SO_LINGER, Unit::kLinger},
      {"SO_RCVBUF", SOL_SOCKET, SO_RCVBUF, Unit::kBytes},
      {"SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT, Unit::kBytes},
      {"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR, Unit::kFlag},
      {"SO_REUSEPORT", SOL_SOCKET, SO_REUSEPORT, Unit::kFlag},
      {"SO_SNDBUF", SOL_SOCKET, SO_SNDBUF, Unit::kBytes},
      {"TCP_CORK", IPPROTO_TCP, TCP_CORK, Unit::kFlag},
      {"TCP_DEFER_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT, Unit::kSeconds},
      {"TCP_FASTOPEN", IPPROTO_TCP, TCP_FASTOPEN, Unit::kCount},
      {"TCP_FASTOPEN_CONNECT", IPPROTO_TCP, TCP_FASTOPEN_CONNECT, Unit::kFlag},
      {"TCP_KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT, Unit::kCount},
      {"TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE, Unit::kSeconds},
      {"TCP_KEEPINTVL", IPPROTO_TCP, TCP_KEEPINTVL, Unit::kSeconds},
      {"TCP_LINGER2", IPPROTO_TCP, TCP_LINGER2, Unit::kSeconds},
      {"TCP_MAXSEG", IPPROTO_TCP, TCP_MAXSEG, Unit::kBytes},
      {"TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY, Unit::kFlag},
      {"TCP_QUICKACK", IPPROTO_TCP, TCP_QUICKACK, Unit::kFlag},
      {"TCP_SYNCNT", IPPROTO_TCP, TCP_SYNCNT, Unit::kCount},
      {"TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT, Unit::kMilliseconds},
      {"TCP_WINDOW_CLAMP", IPPROTO_TCP, TCP_WINDOW_CLAMP, Unit::kBytes},
  };
  return options;
}

const SocketOption* FindSocketOption(std::string_view name) {
  const auto& all = SocketOptions();
  auto found = std::find_if(all.begin(), all.end(),
                            [&](const auto& o) { return o.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string DescribeValue(const SocketOption& option, std::int64_t value) {
  switch (option.unit) {
    case OptionUnit::kFlag:
      return value != 0 ? "true" : "false";
    case OptionUnit::kCount:
      return std::to_string(value);
    case OptionUnit::kBytes:
      return std::to_string(value) + "B";
    case OptionUnit::kMilliseconds:
      return Format(std::chrono::milliseconds(value));
    case OptionUnit::kLinger:
      if (value < 0) return "off";
      break;
    case OptionUnit::kSeconds:
      break;
  }
  return Format(std::chrono::seconds(value));
}

}  // namespace finwait::scenario
