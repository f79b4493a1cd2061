// Root for a moment: the user namespace a run without privilege lives in.
#pragma once

#include <string>

namespace finwait::netns {

// Does this process have CAP_SYS_ADMIN and CAP_NET_ADMIN already?
bool HasPrivilege();

// Moves the whole process into a new user namespace in which it is root.
// WARNING: only while the process has one thread (unshare(2) EINVAL).
// Throws Unsupported whose remedy is the exact setting that forbids it here
// (kernel.unprivileged_userns_clone, user.max_user_namespaces,
// kernel.apparmor_restrict_unprivileged_userns, a container's seccomp).
void BecomeRootInUserNamespace();

// Calls BecomeRootInUserNamespace unless HasPrivilege.
void EnsurePrivilege();

}  // namespace finwait::netns
