// A process in a cgroup, from a fork(2) that is not ours to change.
#pragma once

#include <sys/types.h>

#include "base/file_descriptor.h"
#include "process/cgroup.h"

namespace finwait::process {

// Between such a fork and exec, the child bears a copy of itself in the
// cgroup, as another child of its own parent, and ends: the copy goes on in
// its place. That is a hundred times faster than moving the child (see
// Cgroup::EnterAfterFork), which is what it does only where clone3(2) is not
// to be had. Pids are passed as credentials, which the kernel translates
// between pid namespaces.
//
// Belongs to one start, on one thread. Without a cgroup it does nothing.
class SecondBirth {
 public:
  explicit SecondBirth(const Cgroup* cgroup);  // throws Error

  // In the child; raw system calls only. Returns 0 in the process that goes
  // on, or an errno value.
  int AfterFork() const;

  // In the parent, once the start has succeeded or failed: which process it
  // is. `first`, the fork's child, is reaped if that is another.
  pid_t Survivor(pid_t first) const;

 private:
  const Cgroup* cgroup_;
  FileDescriptor ours_;
  FileDescriptor childs_;
};

}  // namespace finwait::process
