// A built network under observation, in which steps can be played.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "judge/judge.h"
#include "judge/verdict.h"
#include "lab/lab.h"
#include "scenario/scenario.h"
#include "tcp/timeline.h"

namespace finwait::lab {

// Hooks of a run; all optional. `on_step` is called on the caller's thread
// when a step begins, `on_transition` on the observer's; neither may block.
struct RunOptions {
  std::function<void(const tcp::StepRecord&)> on_step;
  std::function<void(const tcp::EndpointTimeline&, const tcp::Transition&)>
      on_transition;
  // Kernel events (BPF) where this machine has them; without, the same path of
  // states from packets and sock_diag, with wider intervals.
  bool kernel_events = true;
  // Keep all frames in the timeline, for pcapng.
  bool keep_frames = false;
  // Readable when the user wants the run to end (Ctrl-C); -1 for none.
  int interrupt_fd = -1;
};

// Owns everything of one run that touches the machine. One thread at a time;
// several sessions may live in one process. Needs netns::EnsurePrivilege
// first. Throws Error and Unsupported.
class Session {
 public:
  // Builds the scenario's topology with its sysctls, impairments and
  // connection names, and starts watching. The steps are not played.
  Session(const scenario::Scenario& scenario, const RunOptions& options);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // Plays one step; a finding says why it did not come out as expected.
  // Throws Interrupted (step_failure.h) on Ctrl-C.
  std::optional<judge::Finding> Play(const scenario::Step& step);

  // Waits for the calls that asynchronous steps left pending.
  std::optional<judge::Finding> Settle(Duration limit);

  // Looks at everything once more, counts, and ends the observation. Programs
  // and actors live until the session goes.
  tcp::Timeline Finish();

  Lab& lab();
  const judge::Environment& environment() const;

 private:
  class Stage;
  std::unique_ptr<Stage> stage_;
};

}  // namespace finwait::lab
