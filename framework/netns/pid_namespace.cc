// unshare(2) of the pid namespace; see the header.
#include "netns/pid_namespace.h"

#include <sched.h>

#include "base/error.h"

namespace finwait::netns {

void BearChildrenInNewPidNamespace() {
  if (unshare(CLONE_NEWPID) != 0) {
    ThrowErrno("making a pid namespace: unshare(CLONE_NEWPID)");
  }
}

}  // namespace finwait::netns
