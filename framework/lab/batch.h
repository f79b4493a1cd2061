// Many cases side by side on this kernel.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "judge/result.h"
#include "lab/session.h"
#include "scenario/scenario.h"

namespace finwait::lab {

// How a batch is played and who is told. The callbacks may come from several
// threads, one at a time for one case; `n` is the case's index.
struct BatchOptions {
  int jobs = 16;  // cases at a time: they mostly wait
  bool kernel_events = true;
  bool keep_frames = false;
  int interrupt_fd = -1;  // readable when the user wants the batch to end
  // What case n does now; empty when it has finished.
  std::function<void(std::size_t n, const std::string& what)> on_status;
  // A change of state as it is seen; its endpoint is that of a run whose first
  // step began at `zero`.
  std::function<void(std::size_t n, TimePoint zero,
                     const tcp::EndpointTimeline&, const tcp::Transition&)>
      on_transition;
  std::function<void(std::size_t n, judge::Result)> on_result;
};

// Plays all cases; each gives one on_result, except those that an interrupt
// kept from being started. Needs netns::EnsurePrivilege first.
void PlayBatch(const std::vector<scenario::Scenario>& cases,
               const BatchOptions& options);

}  // namespace finwait::lab
