#include "lab/socket_address.h"

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

}  // namespace finwait::lab
