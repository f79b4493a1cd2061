// The pid namespace that a sandbox's processes are born in.
#pragma once

namespace finwait::netns {

// From now on the calling thread's children are born in a new pid namespace;
// the first of them is its init. Throws Error without CAP_SYS_ADMIN in the
// current user namespace.
//
// WARNING: the calling thread can never again create a thread (clone(2)
// EINVAL: a thread must share its creator's pid namespace), so this is for a
// thread that does nothing but fork.
void BearChildrenInNewPidNamespace();

}  // namespace finwait::netns
