// A namespace with its loopback, actors connected over it, and waiting for
// descriptors: what the tests of this folder share.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"
#include "netns/namespace.h"
#include "netns/user_namespace.h"
#include "process/actor.h"

namespace finwait::process {

// Milliseconds after which a test fails instead of hanging. Nothing waits this
// long when it works.
inline constexpr int kPatience = 20'000;

// Every test of this folder makes namespaces.
class Privilege : public testing::Environment {
  void SetUp() override { netns::EnsurePrivilege(); }
};
inline testing::Environment* const privilege =
    testing::AddGlobalTestEnvironment(new Privilege);

inline TimePoint Deadline() {
  return MonotonicClock::now() + std::chrono::milliseconds(kPatience);
}

inline bool WaitReadable(int fd, int milliseconds = kPatience) {
  pollfd waiting{.fd = fd, .events = POLLIN};
  return poll(&waiting, 1, milliseconds) == 1;
}

// Sets lo up or down; down, every peer is dead to this namespace.
inline void SetLoopback(const netns::Namespace& ns, bool up) {
  ns.Enter([up] {
    const FileDescriptor any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = up ? IFF_UP : 0;
    if (ioctl(any.get(), SIOCSIFFLAGS, &request) != 0) ThrowErrno("lo");
  });
}

inline netns::Namespace NamespaceWithLoopback() {
  netns::Namespace ns = netns::Namespace::Create();
  SetLoopback(ns, true);
  return ns;
}

// A call with the address 127.0.0.1:port or [::1]:port.
inline Call Loopback(Call::Kind kind, int fd, in_port_t port,
                     int family = AF_INET) {
  Call call{.kind = kind, .fd = fd};
  call.address.ss_family = static_cast<sa_family_t>(family);
  call.address_length = sizeof call.address;
  if (family == AF_INET6) {
    auto& address = reinterpret_cast<sockaddr_in6&>(call.address);
    address.sin6_addr = in6addr_loopback;
    address.sin6_port = htons(port);
  } else {
    auto& address = reinterpret_cast<sockaddr_in&>(call.address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
  }
  return call;
}

// The port is in the same place in both families.
inline in_port_t PortOf(const CallReturn& result) {
  return ntohs(reinterpret_cast<const sockaddr_in&>(result.address).sin_port);
}

inline int Socket(Actor& actor, int family = AF_INET) {
  const Call call{.kind = Call::Kind::kSocket, .number = family};
  return static_cast<int>(actor.Do(call).value);
}

// A listener on a free port of the loopback.
struct Listener {
  int fd;
  in_port_t port;
};

inline Listener Listen(Actor& actor, int family = AF_INET) {
  const int fd = Socket(actor, family);
  actor.Do(Loopback(Call::Kind::kBind, fd, 0, family));
  actor.Do({.kind = Call::Kind::kListen, .fd = fd, .number = 128});
  return {fd, PortOf(actor.Do({.kind = Call::Kind::kGetsockname, .fd = fd}))};
}

// Leaves that many orphans in FIN_WAIT1 whose peers are dead: the FINs go
// nowhere.
inline void LeaveOrphansInFinWait1(Actor& actor, const netns::Namespace& ns,
                                   int count, int family = AF_INET) {
  const Listener listener = Listen(actor, family);
  std::vector<int> clients;
  for (int number = 0; number < count; ++number) {
    const int client = Socket(actor, family);
    const CallReturn connected =
        actor.Do(Loopback(Call::Kind::kConnect, client, listener.port, family));
    if (connected.value != 0) ThrowErrno("connecting", connected.error);
    clients.push_back(client);
  }
  SetLoopback(ns, false);
  for (const int client : clients) {
    actor.Do({.kind = Call::Kind::kClose, .fd = client});
  }
}

}  // namespace finwait::process
