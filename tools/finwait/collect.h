// Plays cases and keeps their results, for the commands that tell of them
// together.
#pragma once

#include <string>
#include <vector>

#include "judge/result.h"
#include "scenario/scenario.h"

namespace finwait::tools {

// How the cases are played; `kernel` as --kernel has it.
struct CollectOptions {
  std::string kernel;
  int jobs = 16;
  int interrupt_fd = -1;
};

// The results of all cases, in their order, with progress on standard error.
// What an interrupt kept from being played is broken. Throws as ArenasFor.
std::vector<judge::Result> Collect(const std::vector<scenario::Scenario>& cases,
                                   const CollectOptions& options);

}  // namespace finwait::tools
