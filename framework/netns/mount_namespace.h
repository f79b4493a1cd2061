// The file system that a run's programs see.
#pragma once

namespace finwait::netns {

// From now on the calling thread and the children it forks have an empty /run
// of their own, in memory, which goes with the last of them: pid files and
// sockets of programs never reach the host's, and runs do not meet there.
// Nothing else of the file system changes, the current directory included.
//
// Returns false, and leaves /run the host's, where mounting is forbidden (a
// container's seccomp or AppArmor profile), or there is no /run.
//
// WARNING: only for a thread that ends with what it was made for: unshare(2)
// also ends its sharing of umask and current directory with other threads.
bool MakeRunPrivate();

}  // namespace finwait::netns
