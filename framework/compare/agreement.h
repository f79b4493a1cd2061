// When two measured times count as the same (docs/time-and-tolerance.md,
// "Two runs"). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/units.h"
#include "compare/behaviour.h"
#include "judge/duration.h"
#include "judge/stay.h"

namespace finwait::compare {

// Where a time was measured.
struct Conditions {
  std::string kernel;
  int hz = 250;
  bool virtual_time = false;
  Duration pauses{};  // Behaviour::pauses
  judge::Lateness late;
  std::size_t programs = 0;  // those of the scenario's own that ran
};

Conditions ConditionsOf(const Behaviour& behaviour);

// A measured time, and the number of kernel timers that made it: 0 if other
// things did.
struct Figure {
  judge::Interval length;
  int timers = 0;
};

// What may have been asked for, if `figure` came of it.
struct Requested {
  Duration least{};
  Duration most{};
};
Requested RequestBehind(const Figure& figure, const Conditions& where);

// Why the figures are not the same; none if they are. Neither may be open.
std::optional<std::string> WhyApart(const Figure& a, const Conditions& at_a,
                                    const Figure& b, const Conditions& at_b);

// The same of requests to timers that the kernel told of.
std::optional<std::string> WhyArmedApart(Duration a, const Conditions& at_a,
                                         Duration b, const Conditions& at_b);

// The same of RTOs that are not backed off, which have round trips in them.
std::optional<std::string> WhyRtosApart(Duration a, const Conditions& at_a,
                                        Duration b, const Conditions& at_b);

// Two counts of what `members` of a crowd did: one of twenty may have gone
// another way by a race.
bool SameCount(std::int64_t a, std::int64_t b, std::int64_t members);

}  // namespace finwait::compare
