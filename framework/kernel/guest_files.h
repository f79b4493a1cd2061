// What a guest's programs see of files.
#pragma once

namespace finwait::kernel {

// Mounts what a system has: /proc, /sys, /dev, control groups, an empty /run.
// Whatever the root file system is, from here on all of it may be written to,
// and nothing of that outlives the guest: where it is the host's, changes go to
// memory (overlayfs). Then loads the modules that /finwait/modules names, one
// path a line. For process 1 of a guest. Throws Error.
void PrepareFiles();

}  // namespace finwait::kernel
