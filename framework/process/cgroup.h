// The control group that all processes of a run are in.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/file_descriptor.h"

namespace finwait::process {

// Owns a cgroup version 2 made for one run, empty at first, so that BPF
// programs attached to it see the sockets of the run's processes and nobody
// else's. It is a child of our own, so that limits set for us hold for the
// run; where that may not have children with processes, of the topmost one
// that we see.
//
// A process is in it from its first instruction (Fork, Clone) or moves itself
// (EnterAfterFork), before it makes a socket: a socket belongs to the cgroup
// that its maker was in. What processes in it fork is born in it.
//
// The descriptor holds a lock (flock(2)) on the directory: whoever makes the
// next one removes empty ones without a lock, which only a kill -9 of a
// sandbox's init, or before it there is one, leaves.
//
// Immutable: any thread. Not for use after its object is moved from.
class Cgroup {
 public:
  // Throws Unsupported where no cgroup can be made whose processes we may be
  // the parent of: version 2 is not mounted, or read-only, or not ours.
  static Cgroup Create();

  // Waits for the end of the processes in it, and removes it. One that is not
  // empty after 10 s stays.
  ~Cgroup();
  Cgroup(Cgroup&&) noexcept = default;
  Cgroup& operator=(Cgroup&&) = delete;

  int fd() const { return directory_.get(); }  // as bpf(2) wants it
  const std::string& path() const { return path_; }

  // As fork(2): raw, without the handlers of pthread_atfork. `*refusal` is
  // written in the child: 0, or the errno value with which it was not let in.
  pid_t Fork(int* refusal) const;

  // clone3(2) with these flags: -1 where it, or CLONE_INTO_CGROUP, is not to
  // be had (before Linux 5.7, and under some seccomp profiles).
  pid_t Clone(std::uint64_t flags) const;

  // Moves the calling process, which must have one thread. 0 or an errno
  // value. Waits for RCU, 5 to 20 ms, where Clone takes 0.1 ms.
  int EnterAfterFork() const;

  // For the init of a sandbox, which has changed its current directory to
  // parent_fd(): what the destructor does. Raw system calls only.
  int parent_fd() const { return parent_.get(); }
  const char* name() const { return name_.c_str(); }
  static void RemoveAfterFork(const char* name);

 private:
  Cgroup() = default;
  static Cgroup MakeIn(const std::string& parent_path);

  bool Make();       // false if it lost a race: try another name
  void Try() const;  // throws Error if no process can be in it

  FileDescriptor parent_;
  std::string name_;
  std::string path_;
  FileDescriptor directory_;  // holds the lock
  FileDescriptor processes_;  // cgroup.procs
};

}  // namespace finwait::process
