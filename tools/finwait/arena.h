// Where cases are played: on the running kernel, or on another.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernel/cache.h"
#include "kernel/kernel.h"
#include "kernel/play.h"
#include "lab/batch.h"
#include "scenario/scenario.h"

namespace CLI {
class App;
}

namespace finwait::tools {

inline constexpr char kHost[] = "host";  // the running kernel
inline constexpr char kAuto[] = "auto";  // that, where it can do what is needed

// One kernel and the cases that are played there. A value.
struct Arena {
  std::string name = kHost;                       // as --kernel says it
  std::optional<kernel::Kernel> kernel;           // none: the running one
  std::vector<std::size_t> numbers;               // of cases
  kernel::Clock clock = kernel::Clock::kVirtual;  // that a machine goes by
  std::string reason;  // why not on the host; empty if it was asked for
};

// --kernel NAME..., with its help.
void AddKernelOption(CLI::App& command, std::vector<std::string>& names);

// All cases on each named kernel; for "auto", the default, each case where it
// can be played, with the reason. Where "auto" finds no kernel to go to, the
// host keeps the case, which is *unsupported* then. Takes the privilege that
// the host needs (netns::EnsurePrivilege): call it before there are threads.
// Throws Error if there is no such kernel; Unsupported if the host was asked
// for and this user may do nothing on it.
std::vector<Arena> ArenasFor(const std::vector<std::string>& names,
                             const std::vector<scenario::Scenario>& cases);

// Plays `cases`, which are those that `arena` has numbers of, in this order.
// Says why not on the host. Virtual kernels tell their pace, the host none.
std::optional<kernel::Pace> PlayIn(
    const Arena& arena, const std::vector<scenario::Scenario>& cases,
    const lab::BatchOptions& batch,
    const std::function<void(const std::string&)>& on_notice);

// "uml-7.3: 2min 5s of kernel time in 1.2s, 104 times as fast".
std::string PaceLine(const Arena& arena, const kernel::Pace& pace);

}  // namespace finwait::tools
