// The first process of a sandbox's pid namespace: what it does after fork.
#pragma once

#include "process/cgroup.h"

namespace finwait::process {

// Watches `lifeline`, a SOCK_SEQPACKET socket. A message of one byte carries a
// network namespace's descriptor (SCM_RIGHTS); the answer is an errno value as
// int. On end of file it kills every process of the pid namespace, destroys
// the TCP sockets in those network namespaces, removes the cgroup, if there is
// one, and exits.
[[noreturn]] void RunInit(int lifeline, const Cgroup* cgroup);

}  // namespace finwait::process
