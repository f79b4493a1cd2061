// A namespace with its loopback, actors connected over it, and waiting for
// descriptors: what the tests of this folder share.
#pragma once

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#include "base/error.h"
#include "netns/namespace.h"
#include "process/actor.h"

namespace finwait::process {

// Milliseconds after which a test fails instead of hanging. Nothing waits this
// long when it works.
inline constexpr int kPatience = 20'000;

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

inline Call Loopback(Call::Kind kind, int fd, in_port_t port) {
  Call call{.kind = kind, .fd = fd};
  auto* address = reinterpret_cast<sockaddr_in*>(&call.address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address->sin_port = htons(port);
  call.address_length = sizeof *address;
  return call;
}

inline in_port_t PortOf(const CallReturn& result) {
  return ntohs(reinterpret_cast<const sockaddr_in&>(result.address).sin_port);
}

inline int Socket(Actor& actor) {
  return static_cast<int>(
      actor.Do({.kind = Call::Kind::kSocket, .number = AF_INET}).value);
}

// A listener on a free port of 127.0.0.1.
struct Listener {
  int fd;
  in_port_t port;
};

inline Listener Listen(Actor& actor) {
  const int fd = Socket(actor);
  actor.Do(Loopback(Call::Kind::kBind, fd, 0));
  actor.Do({.kind = Call::Kind::kListen, .fd = fd, .number = 16});
  return {fd, PortOf(actor.Do({.kind = Call::Kind::kGetsockname, .fd = fd}))};
}

// Leaves an orphan in FIN_WAIT1 whose peer is dead: the FIN goes nowhere.
inline void LeaveOrphanInFinWait1(Actor& actor, const netns::Namespace& ns) {
  const Listener listener = Listen(actor);
  const int client = Socket(actor);
  actor.Do(Loopback(Call::Kind::kConnect, client, listener.port));
  SetLoopback(ns, false);
  actor.Do({.kind = Call::Kind::kClose, .fd = client});
}

}  // namespace finwait::process
