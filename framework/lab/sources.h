// The kernel events of a run: which there are, and why others are not.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/lab.h"
#include "observe/event_source.h"
#include "process/cgroup.h"

namespace finwait::lab {

// What a run's kernel events need before its processes exist.
struct Ground {
  bool wanted = false;  // kernel events at all
  std::optional<process::Cgroup> cgroup;
  std::string why_no_cgroup;
};

// Makes the cgroup if kernel events are `wanted` and FINWAIT_NO_BPF is not set
// in the environment. What cannot be had is noted, not thrown.
Ground PrepareGround(bool wanted);

// Attaches to that cgroup, null if there is none, and to the hosts of `lab`,
// which must outlive the sources.
std::vector<std::unique_ptr<observe::EventSource>> SourcesOf(
    const Ground& ground, const process::Cgroup* cgroup, const Lab& lab);

}  // namespace finwait::lab
