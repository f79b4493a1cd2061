// One run of one scenario case, from the empty machine to the result.
#pragma once

#include <functional>

#include "judge/result.h"
#include "scenario/scenario.h"

namespace finwait::lab {

// Hooks of a run; all optional. `on_step` is called on the caller's thread,
// `on_transition` on the observer's; neither may block.
struct RunOptions {
  std::function<void(const tcp::StepRecord&)> on_step;
  std::function<void(const tcp::EndpointTimeline&, const tcp::Transition&)>
      on_transition;
  // Readable when the user wants the run to end (Ctrl-C); -1 for none.
  int interrupt_fd = -1;
};

// Builds the network, plays the steps, watches, judges, and takes everything
// down again. Never throws for what a scenario or the machine does: trouble
// becomes the verdict *broken* or *unsupported* with its reason, and what was
// seen until then is in the result. Thread-safe: runs are independent of each
// other. Needs netns::EnsurePrivilege first.
judge::Result Run(const scenario::Scenario& scenario,
                  const RunOptions& options);

}  // namespace finwait::lab
