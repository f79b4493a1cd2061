#include "lab/call_data.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace finwait::lab {
namespace {

tcp::IpAddress FromIpv6(const in6_addr& in) {
  tcp::IpAddress ip;
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&in);
  ip.family = mapped ? tcp::Family::kIpv4 : tcp::Family::kIpv6;
  std::copy(in.s6_addr + (mapped ? 12 : 0), in.s6_addr + 16, ip.bytes.begin());
  return ip;
}

}  // namespace

void SetAddress(process::Call& call, const tcp::SocketAddress& address) {
  if (address.ip.family == tcp::Family::kIpv4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port);
    std::memcpy(&in.sin_addr, address.ip.bytes.data(), sizeof in.sin_addr);
    std::memcpy(&call.address, &in, sizeof in);
    call.address_length = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(address.port);
    std::memcpy(&in.sin6_addr, address.ip.bytes.data(), sizeof in.sin6_addr);
    std::memcpy(&call.address, &in, sizeof in);
    call.address_length = sizeof in;
  }
}

tcp::SocketAddress AddressOf(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &storage, sizeof in);
    return {FromIpv6(in.sin6_addr), ntohs(in.sin6_port)};
  }
  sockaddr_in in{};
  std::memcpy(&in, &storage, sizeof in);
  tcp::SocketAddress address;
  std::memcpy(address.ip.bytes.data(), &in.sin_addr, sizeof in.sin_addr);
  address.port = ntohs(in.sin_port);
  return address;
}

std::string OptionBytes(const scenario::SocketOption& option,
                        std::int64_t value) {
  const int number = static_cast<int>(value);
  const linger l{.l_onoff = number >= 0, .l_linger = std::max(number, 0)};
  const bool is_linger = option.unit == scenario::OptionUnit::kLinger;
  const void* from = is_linger ? static_cast<const void*>(&l) : &number;
  return {static_cast<const char*>(from), is_linger ? sizeof l : sizeof number};
}

std::int64_t OptionValue(const scenario::SocketOption& option,
                         const std::string& bytes) {
  if (option.unit == scenario::OptionUnit::kLinger) {
    linger l{};
    std::memcpy(&l, bytes.data(), std::min(bytes.size(), sizeof l));
    return l.l_onoff != 0 ? l.l_linger : -1;
  }
  int number = 0;
  std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
  return number;
}

std::string Pattern(std::uint64_t bytes) {
  std::string data(bytes, '\0');
  for (std::uint64_t n = 0; n < bytes; ++n) {
    data[n] = static_cast<char>('a' + n % 26);
  }
  return data;
}

}  // namespace finwait::lab
