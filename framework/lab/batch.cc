#include "lab/batch.h"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/clock.h"
#include "lab/run.h"

namespace finwait::lab {
namespace {

bool IsReadable(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return fd >= 0 && poll(&waiting, 1, 0) > 0;
}

void PlayOne(std::size_t n, const scenario::Scenario& one,
             const BatchOptions& batch) {
  RunOptions options{.kernel_events = batch.kernel_events,
                     .keep_frames = batch.keep_frames,
                     .interrupt_fd = batch.interrupt_fd};
  TimePoint zero;
  options.on_step = [&](const tcp::StepRecord& step) {
    if (step.number == 1) zero = step.begin;
    if (batch.on_status) batch.on_status(n, step.text);
  };
  if (batch.on_transition) {
    options.on_transition = [&](const tcp::EndpointTimeline& endpoint,
                                const tcp::Transition& transition) {
      batch.on_transition(n, zero, endpoint, transition);
    };
  }
  judge::Result result = Run(one, options);
  if (batch.on_status) batch.on_status(n, "");
  batch.on_result(n, std::move(result));
}

}  // namespace

void PlayBatch(const std::vector<scenario::Scenario>& cases,
               const BatchOptions& options) {
  std::atomic<std::size_t> next = 0;
  auto work = [&] {
    for (std::size_t n = next++;
         n < cases.size() && !IsReadable(options.interrupt_fd); n = next++) {
      PlayOne(n, cases[n], options);
    }
  };
  // In virtual time waiting costs nothing, and side by side cases would only
  // be in each other's way: reading the clock takes time there.
  const int jobs = TimeIsVirtual() ? 1 : options.jobs;
  const auto workers = std::min(static_cast<std::size_t>(jobs), cases.size());
  std::vector<std::jthread> threads;
  for (std::size_t n = 0; n < workers; ++n) threads.emplace_back(work);
}

}  // namespace finwait::lab
