// One run of one scenario case, from the empty machine to the result.
#pragma once

#include "judge/result.h"
#include "lab/session.h"
#include "scenario/scenario.h"

namespace finwait::lab {

// Builds the network, plays the steps, watches, judges, and takes everything
// down again. Never throws for what a scenario or the machine does: trouble
// becomes the verdict *broken* or *unsupported* with its reason, and what was
// seen until then is in the result. What does not pass where the kernel lost a
// race (judge/close_race.h), or on a machine that was late beyond what is
// always allowed (judge/duration.h), is played again, twice at most, and the
// result says so: it is that of the last time. Thread-safe: runs are
// independent of each other. Needs netns::EnsurePrivilege first.
judge::Result Run(const scenario::Scenario& scenario,
                  const RunOptions& options);

}  // namespace finwait::lab
