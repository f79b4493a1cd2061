// unshare(2) of the mount namespace; see the header.
#include "netns/mount_namespace.h"

#include <sched.h>
#include <sys/mount.h>

namespace finwait::netns {

bool MakeRunPrivate() {
  if (unshare(CLONE_NEWNS) != 0) return false;
  // Before anything is mounted: a shared mount would show it to the host.
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return false;
  }
  return mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") ==
         0;
}

}  // namespace finwait::netns
