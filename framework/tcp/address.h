// IPv4 and IPv6 addresses, prefixes, and the four numbers of a connection.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace finwait::tcp {

enum class Family : std::uint8_t { kIpv4, kIpv6 };

// One address in network byte order; IPv4 uses the first four bytes and
// leaves the rest zero. An IPv4-mapped IPv6 address (::ffff:a.b.c.d) is kept
// as IPv4: that is what is on the wire.
struct IpAddress {
  Family family = Family::kIpv4;
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// An address with its prefix length ("10.0.0.1/24").
struct IpPrefix {
  IpAddress address;
  int length = 0;
  friend auto operator<=>(const IpPrefix&, const IpPrefix&) = default;
};

// Address and port (host byte order).
struct SocketAddress {
  IpAddress ip;
  std::uint16_t port = 0;
  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

// A connection as one endpoint sees it.
struct FourTuple {
  SocketAddress local;
  SocketAddress remote;
  friend auto operator<=>(const FourTuple&, const FourTuple&) = default;
};

// The same connection as its peer sees it.
inline FourTuple Reversed(const FourTuple& t) { return {t.remote, t.local}; }

std::optional<IpAddress> ParseIpAddress(std::string_view text);
std::optional<IpPrefix> ParseIpPrefix(std::string_view text);
std::string ToString(const IpAddress& address);
std::string ToString(const IpPrefix& prefix);
std::string ToString(const SocketAddress& address);  // "[fd00::1]:7000"

// The network a prefix lies in: host bits cleared.
IpPrefix NetworkOf(const IpPrefix& prefix);
bool Contains(const IpPrefix& network, const IpAddress& address);

}  // namespace finwait::tcp
