// The pid namespace that all processes of one run live and die in.
#pragma once

#include <sys/types.h>

#include <functional>
#include <future>
#include <memory>

#include "netns/namespace.h"

namespace finwait::process {

// Owns a long-lived spawner thread whose children are born in a new pid
// namespace, and that namespace's init. The init only watches a lifeline
// socket: when this object, or the whole process, dies in any way (kill -9
// included), the init kills every process of the run, destroys the TCP
// sockets that would keep the run's namespaces alive (an orphan in FIN_WAIT1
// towards a dead peer holds one for 106 s), and exits.
//
// Member order is tear-down order. Thread-safe: Spawn* may be called from any
// thread; forks happen on the spawner thread alone, because a child's parent
// death signal and pid namespace belong to the thread.
class Sandbox {
 public:
  Sandbox();
  ~Sandbox();  // kills what still runs, destroys sockets, waits for the init
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // Hands a namespace's descriptor to the init, for the clean-up.
  void Register(const netns::Namespace& ns);

  // Runs f on the spawner thread and waits; exceptions come back.
  void OnSpawner(const std::function<void()>& f);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace finwait::process
