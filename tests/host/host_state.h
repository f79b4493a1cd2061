// Everything of the host that a run could change.
#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>

namespace finwait::host {

// From now on this process and those it starts have an empty /run and, unless
// the command itself is in there, /tmp of their own, so that what a run leaves
// there is not confused with what others write at the same time. For the main
// thread, before there are others. Without effect where mounting is forbidden.
void HideFilesOfOthers();

// By what it is: links, addresses, routes, rules, qdiscs, packet filters and
// sysctls of this process's network namespace, and names of files. Counters and
// what ages by itself are left out.
using HostState = std::map<std::string, std::string>;
HostState ReadHost();

// The control groups made by that process, which may have ended. Others come
// and go with runs beside this one.
std::set<std::string> ControlGroupsOf(pid_t maker);

// What is not in both, one line each; empty if they are equal.
std::string Difference(const HostState& before, const HostState& after);

}  // namespace finwait::host
