// Addresses as text, and what lies in which network.
#include "tcp/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace finwait::tcp {
namespace {

int AddressBits(Family family) { return family == Family::kIpv4 ? 32 : 128; }

int ToAf(Family family) { return family == Family::kIpv4 ? AF_INET : AF_INET6; }

// RFC 4291 section 2.5.5.2: ::ffff:a.b.c.d.
bool IsMapped(const std::array<std::uint8_t, 16>& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10,
                     [](std::uint8_t b) { return b == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

IpAddress Unmapped(const IpAddress& address) {
  IpAddress v4;
  std::copy(address.bytes.begin() + 12, address.bytes.end(), v4.bytes.begin());
  return v4;
}

}  // namespace

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  std::string terminated(text);
  // inet_pton() would stop at an embedded NUL and accept what precedes it.
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) {
    return address;
  }
  address.family = Family::kIpv6;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) {
    return std::nullopt;
  }
  return IsMapped(address.bytes) ? Unmapped(address) : address;
}

std::optional<IpPrefix> ParseIpPrefix(std::string_view text) {
  std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::optional<IpAddress> address = ParseIpAddress(text.substr(0, slash));
  std::string_view digits = text.substr(slash + 1);
  int length = 0;
  auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), length);
  bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!address || !whole || length < 0) return std::nullopt;
  if (length > AddressBits(address->family)) return std::nullopt;
  return IpPrefix{*address, length};
}

std::string ToString(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(ToAf(address.family), address.bytes.data(), text.data(),
            text.size());
  return text.data();
}

std::string ToString(const IpPrefix& prefix) {
  return ToString(prefix.address) + "/" + std::to_string(prefix.length);
}

std::string ToString(const SocketAddress& address) {
  std::string ip = ToString(address.ip);
  if (address.ip.family == Family::kIpv6) ip = "[" + ip + "]";
  return ip + ":" + std::to_string(address.port);
}

IpPrefix NetworkOf(const IpPrefix& prefix) {
  IpPrefix network = prefix;
  for (std::size_t i = 0; i < network.address.bytes.size(); ++i) {
    int kept = std::clamp(prefix.length - static_cast<int>(i) * 8, 0, 8);
    network.address.bytes[i] &= static_cast<std::uint8_t>(0xff00 >> kept);
  }
  return network;
}

bool Contains(const IpPrefix& network, const IpAddress& address) {
  if (network.address.family != address.family) return false;
  return NetworkOf(network) == NetworkOf({address, network.length});
}

}  // namespace finwait::tcp
