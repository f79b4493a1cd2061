// Where this process's control group is in the file system: text in, paths
// out, nothing is asked of the kernel.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace finwait::process {

// One mount of the cgroup version 2 hierarchy, or of a part of it.
struct CgroupMount {
  std::string directory;  // where it is mounted
  std::string root;       // the cgroup that is seen there
  bool read_only = false;
};

// Those of /proc/self/mountinfo (proc_pid_mountinfo(5)), in its order. On a
// hybrid system version 2 is one hierarchy beside those of version 1; it may
// be mounted anywhere.
std::vector<CgroupMount> CgroupMounts(std::string_view mountinfo);

// The version 2 cgroup in /proc/self/cgroup (cgroups(7)): the line of
// hierarchy 0. "/" where there is none.
std::string OwnCgroup(std::string_view proc_self_cgroup);

// The directory of `cgroup` below the mount. Empty if it is not in what the
// mount shows, or if that cannot be told: both are relative to the cgroup
// namespace, in which what lies outside has no names but "..".
std::optional<std::string> DirectoryOf(const std::string& cgroup,
                                       const CgroupMount& mount);

}  // namespace finwait::process
