// The pid namespace that all processes of one run live and die in.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>

#include "netns/namespace.h"
#include "process/cgroup.h"
#include "process/child.h"

namespace finwait::process {

// Owns a long-lived spawner thread whose children are born in a new pid
// namespace, and that namespace's init. The init only watches a lifeline
// socket: when this object, or the whole process, dies in any way (kill -9
// included), the init kills every process of the run, destroys the TCP
// sockets that would keep the run's namespaces alive (an orphan in FIN_WAIT1
// towards a dead peer holds one for 106 s), and exits.
//
// With a cgroup, programs and actors are born in it, and so is all that they
// fork; the init, which is not, removes it after the last of them.
//
// Its processes share an empty /run of their own (see
// netns/mount_namespace.h), unless mounting is forbidden here.
//
// After a kill -9 the run's processes are orphans of the machine's first
// process: until that has reaped them, the init and they stay in the process
// list, without memory, descriptors or namespaces.
//
// Thread-safe: any member function may be called from any thread but the
// spawner's own; forks happen on the spawner alone, because the pid namespace
// that children are born in belongs to the thread.
class Sandbox {
 public:
  explicit Sandbox(std::optional<Cgroup> cgroup = std::nullopt);
  // Kills what still runs, destroys sockets, waits for the init. Programs and
  // actors may outlive it; they have ended then.
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // Hands a namespace's descriptor to the init, for the clean-up. The init
  // thereby keeps the namespace alive as long as the sandbox lives.
  void Register(const netns::Namespace& ns);

  // Runs f on the spawner thread and waits; exceptions come back.
  // WARNING: f cannot create threads, and must reap what it forks.
  void OnSpawner(const std::function<void()>& f);

  // What the processes are born in; null if they stay in ours.
  const Cgroup* cgroup() const;

  // Runs fork_one, which forks a child that leads a process group and is in
  // cgroup(), and returns its pid, on the spawner thread. Throws what it
  // throws.
  std::shared_ptr<Child> Spawn(const std::function<pid_t()>& fork_one);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace finwait::process
