// When a socket's timer will fire, from what looks tell of it. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "observe/jiffy_clock.h"
#include "tcp/timeline.h"

namespace finwait::observe {

// Of one socket, whose timer may be armed again and again. A look tells when it
// expires; the timer wheel fires it at the end of the slot it was put into when
// it was armed, which is taken to be just before the first look that tells.
// One thread at a time.
class SlotForecast {
 public:
  // When the timer that `look` found will fire. Nothing if there is none, if a
  // tick came during the look, or if the time has passed.
  std::optional<TimePoint> OnLook(const tcp::Sample& look,
                                  const JiffyClock& clock);

 private:
  std::uint64_t expires_ = 0;  // in jiffies, as is the slot
  std::uint64_t slot_ = 0;
};

// When to look at a socket whose timer fires at `slot` after a look that ended
// at `looked`: half-way, as long as that is far, then twice before the slot,
// the second time by `margin`, then at once after it.
TimePoint LookAround(TimePoint slot, TimePoint looked, Duration margin);

}  // namespace finwait::observe
