// The socket options a scenario can set, with their levels and units.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace finwait::scenario {

// What a value of the option counts, in setsockopt(2)'s own unit.
enum class OptionUnit : std::uint8_t {
  kFlag,          // true or false
  kCount,         // a plain number
  kBytes,         // "64kB"
  kSeconds,       // "7s"
  kMilliseconds,  // "500ms"
  kLinger,        // struct linger: "2s", or "off" (-1)
};

struct SocketOption {
  std::string name;  // "TCP_LINGER2"
  int level = 0;     // SOL_SOCKET, IPPROTO_TCP
  int optname = 0;
  OptionUnit unit = OptionUnit::kCount;
};

// All of them, by name; never destroyed.
const std::vector<SocketOption>& SocketOptions();

// The option of this name, or null.
const SocketOption* FindSocketOption(std::string_view name);

// "7s", "true", "off": as a scenario writes it.
std::string DescribeValue(const SocketOption& option, std::int64_t value);

}  // namespace finwait::scenario
