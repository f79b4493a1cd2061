// The numbers of a connection, as one of its ends reckons. Pure. Internal to
// lab/.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "scenario/step.h"
#include "tcp/timeline.h"

namespace finwait::lab {

// The variables of RFC 9293 section 3.3.1, as far as segments have told.
struct SequenceSpace {
  std::optional<std::uint32_t> iss;
  std::optional<std::uint32_t> irs;
  std::optional<std::uint32_t> snd_una;
  std::optional<std::uint32_t> snd_nxt;
  std::optional<std::uint32_t> rcv_nxt;
  std::optional<std::uint32_t> window;  // the first number beyond it
};

// Those of `endpoint` at `now`. What it received counts once it acknowledged
// it, or while it may still be about to: it may as well have been lost between
// the capture and TCP.
SequenceSpace SpaceOf(const tcp::EndpointTimeline& endpoint, TimePoint now);

// Empty if nobody has told its base yet.
std::optional<std::uint32_t> NumberIn(const SequenceSpace& space,
                                      const scenario::SequenceNumber& number);

// What the next segment to `endpoint` has to carry: the latest value that came
// from the other end, and the latest that went there. Empty if the connection
// does without timestamps.
std::optional<tcp::Timestamps> TimestampsTo(
    const tcp::EndpointTimeline& endpoint);

// The window that the other end has offered last, as in its header.
std::uint16_t WindowTo(const tcp::EndpointTimeline& endpoint);

}  // namespace finwait::lab
