// A batch of cases on a virtual kernel.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernel/cache.h"
#include "kernel/kernel.h"
#include "lab/batch.h"
#include "scenario/scenario.h"

namespace finwait::kernel {

// How much time passed in the guests, and how much it took.
struct Pace {
  Duration kernel_time{};
  Duration wall_time{};
};

struct GuestOptions {
  // A guest in which nothing has been heard of for so long is hung.
  Duration silence = std::chrono::minutes(2);
  // Lines for the user: what was fallen back from, that a guest is started
  // anew. Any thread.
  std::function<void(const std::string&)> on_notice;
};

// As lab::PlayBatch, in guests of `kernel`: one, unless it panics, hangs or is
// killed. Then each case that was being played is tried once more in a guest
// of its own, and *broken* with the console's last lines if that one goes the
// same way; the others go on in a fresh guest. Needs no privilege. Throws
// Error and Unsupported if no guest can be started at all. Cases must have
// their origin.
Pace PlayBatch(const Kernel& kernel, const Cache& cache,
               const std::vector<scenario::Scenario>& cases,
               const lab::BatchOptions& batch, const GuestOptions& options);

}  // namespace finwait::kernel
