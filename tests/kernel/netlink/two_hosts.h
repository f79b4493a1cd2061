// Two namespaces, one veth and TCP sockets between them, for the tests here.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "netlink/link.h"
#include "netlink/sock_diag.h"
#include "netns/namespace.h"
#include "netns/sysctl.h"
#include "netns/user_namespace.h"
#include "tcp/address.h"

namespace finwait::netlink {

// A namespace with its netlink sockets, opened on the thread that made it.
struct Host {
  Host()
      : ns(netns::Namespace::Create([this](const netns::Namespace& made) {
          rtnl.emplace(made);
          diag.emplace(made);
          rtnl->LoopbackUp();
        })) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  std::optional<Rtnetlink> rtnl;
  std::optional<SockDiag> diag;
  netns::Namespace ns;
};

inline tcp::IpAddress Ip(const std::string& text) {
  return *tcp::ParseIpAddress(text);
}

constexpr int kLeftIndex = 100;
constexpr int kRightIndex = 101;

// eth0 at both ends: 10.0.0.1/24, fd00::1/64 and 10.0.0.2/24, fd00::2/64.
struct TwoHosts {
  TwoHosts() {
    VethEnd left{&a.ns, "eth0", {2, 0, 0, 0, 0, 1}, kLeftIndex};
    VethEnd right{&b.ns, "eth0", {2, 0, 0, 0, 0, 2}, kRightIndex};
    a.rtnl->CreateVeth(left, right, 1500);
    SetUpEnd(*a.rtnl, left, right, "1", "2");
    SetUpEnd(*b.rtnl, right, left, "2", "1");
    for (Host* host : {&a, &b}) {
      int ifindex = host == &a ? kLeftIndex : kRightIndex;
      std::string own = host == &a ? "1" : "2";
      host->rtnl->WaitOperational(ifindex);
      host->rtnl->WaitAddressUsable(Ip("10.0.0." + own));
      host->rtnl->WaitAddressUsable(Ip("fd00::" + own));
    }
  }

  static void SetUpEnd(Rtnetlink& rtnl, const VethEnd& end,
                       const VethEnd& other, const std::string& own,
                       const std::string& peer) {
    rtnl.DisableAutomaticIpv6(end.ifindex);
    rtnl.SetUp(end.ifindex, true);
    rtnl.AddAddress(end.ifindex, *tcp::ParseIpPrefix("10.0.0." + own + "/24"));
    rtnl.AddAddress(end.ifindex, *tcp::ParseIpPrefix("fd00::" + own + "/64"));
    rtnl.AddNeighbour(end.ifindex, Ip("10.0.0." + peer), other.mac);
    rtnl.AddNeighbour(end.ifindex, Ip("fd00::" + peer), other.mac);
  }

  Host a;
  Host b;
};

// A sockaddr for either family.
struct Sockaddr {
  explicit Sockaddr(const tcp::SocketAddress& address) {
    if (address.ip.family == tcp::Family::kIpv4) {
      auto* in = reinterpret_cast<sockaddr_in*>(&storage);
      in->sin_family = AF_INET;
      in->sin_port = htons(address.port);
      std::memcpy(&in->sin_addr, address.ip.bytes.data(), 4);
      size = sizeof(*in);
    } else {
      auto* in6 = reinterpret_cast<sockaddr_in6*>(&storage);
      in6->sin6_family = AF_INET6;
      in6->sin6_port = htons(address.port);
      std::memcpy(&in6->sin6_addr, address.ip.bytes.data(), 16);
      size = sizeof(*in6);
    }
  }
  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
  sockaddr_storage storage{};
  socklen_t size = 0;
};

inline FileDescriptor OpenTcp(const Host& host, int family) {
  return host.ns.In(
      [&] { return FileDescriptor(socket(family, SOCK_STREAM, 0)); });
}

inline FileDescriptor Listen(const Host& host,
                             const tcp::SocketAddress& address) {
  Sockaddr name(address);
  FileDescriptor fd = OpenTcp(host, name.storage.ss_family);
  int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd.get(), name.get(), name.size) != 0) ThrowErrno("bind");
  if (listen(fd.get(), 16) != 0) ThrowErrno("listen");
  return fd;
}

// An IPv4 or IPv6 socket of `host` bound to `local` and connected.
inline FileDescriptor Connect(const Host& host, const tcp::SocketAddress& local,
                              const tcp::SocketAddress& remote) {
  Sockaddr own(local);
  Sockaddr peer(remote);
  FileDescriptor fd = OpenTcp(host, own.storage.ss_family);
  int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd.get(), own.get(), own.size) != 0) ThrowErrno("bind");
  if (connect(fd.get(), peer.get(), peer.size) != 0) ThrowErrno("connect");
  return fd;
}

inline FileDescriptor Accept(const FileDescriptor& listener) {
  FileDescriptor fd(accept(listener.get(), nullptr, nullptr));
  if (!fd.valid()) ThrowErrno("accept");
  return fd;
}

}  // namespace finwait::netlink
