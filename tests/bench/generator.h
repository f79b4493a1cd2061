// A process that opens and closes connections as fast as one can.
#pragma once

#include <cstdint>
#include <memory>

#include "base/file_descriptor.h"
#include "netns/namespace.h"
#include "process/sandbox.h"

namespace finwait::bench {

// What the generator does with its connections, the oldest first. After each
// of those that close it holds less of them.
enum class Action : std::uint8_t {
  kOpen,              // `count` more
  kCloseClientFirst,  // then the server: every other of these only after its
                      // ACK, so that one half sees FIN|ACK and one half both
  kCloseServerFirst,  // the same the other way round
  kCloseBoth,         // all clients, then all servers
  kReset,             // SO_LINGER 0: every other from the server's side
  kOrphanClients,     // closes the clients; servers acknowledge, and stay open
  kCloseServers,      // what kOrphanClients left
};

// Connections held at most at one time: 2 descriptors each.
inline constexpr int kMostConnections = 5000;

// Owns the process. It is born in the sandbox, and so in its cgroup, and holds
// the sockets of both hosts: a client of 10.0.0.1 and a server of 10.0.0.2, as
// in topologies/two-hosts.toml. Being one process, it knows what came first.
// One thread at a time.
class Generator {
 public:
  Generator(process::Sandbox& sandbox, const netns::Namespace& client,
            const netns::Namespace& server);
  ~Generator();

  // Returns when it is done. Throws Error if a call was refused.
  void Do(Action action, int count = 0);

 private:
  FileDescriptor control_;
  std::shared_ptr<process::Child> child_;
};

}  // namespace finwait::bench
