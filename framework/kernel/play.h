// A batch of cases on a virtual kernel.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "kernel/boot.h"
#include "kernel/cache.h"
#include "kernel/kernel.h"
#include "lab/batch.h"
#include "scenario/scenario.h"

namespace finwait::kernel {

// How much time passed in all guests together, and how long that took.
struct Pace {
  Duration kernel_time{};
  Duration wall_time{};
};

struct GuestOptions {
  // A guest in which nothing has been heard of for so long is hung.
  Duration silence = std::chrono::minutes(2);
  // So many guests at a time: one uses one processor.
  std::size_t guests = std::max(1U, std::thread::hardware_concurrency());
  // Real time is for machines alone (boot.h).
  Clock clock = Clock::kVirtual;
  // Lines for the user: what was fallen back from, that a guest is started
  // anew. Any thread.
  std::function<void(const std::string&)> on_notice;
};

// As lab::PlayBatch, in guests of `kernel`: in user-mode Linux one for each
// case, so that reruns are the same; of machines, a few for all cases, which
// live until all is played unless one panics, hangs or is killed. Then each
// case that was being played is tried once more in a guest of its own, and
// *broken* with the console's last lines if that one goes the same way; the
// others go on in a fresh guest. Needs no privilege. Throws Error and
// Unsupported if no guest can be started at all. Cases must have their origin.
Pace PlayBatch(const Kernel& kernel, const Cache& cache,
               const std::vector<scenario::Scenario>& cases,
               const lab::BatchOptions& batch, const GuestOptions& options);

// What a command printed on its descriptor 1 or 2.
using OutputSink = std::function<void(int descriptor, const std::string& text)>;

// Runs a command in a guest of its own: its exit status, as a shell's. Throws
// Error if the guest fails, or at an interrupt.
int RunInGuest(const Kernel& kernel, const Cache& cache,
               const std::vector<std::string>& command, int interrupt_fd,
               const OutputSink& on_output);

}  // namespace finwait::kernel
