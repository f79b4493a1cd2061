// Which segments an expectation is about. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/units.h"
#include "judge/evidence.h"
#include "scenario/expectation.h"
#include "tcp/timeline.h"

namespace finwait::judge {

// A capture stamps a segment when a tap sees it, a little before or after the
// socket changes its state.
inline constexpr Duration kStampSlack = std::chrono::milliseconds(1);

// The part of the run an expectation is about. A packet between `earliest`
// and `latest` of the transition that bounds it may belong to it or not.
struct Scope {
  TimePoint possible_from = TimePoint::min();
  TimePoint certain_from = TimePoint::min();
  TimePoint certain_to = TimePoint::max();
  TimePoint possible_to = TimePoint::max();
  std::string missing;  // the state that never came or never went
};

Scope ScopeOf(const scenario::PacketExpectation& expected,
              const Evidence& evidence);

struct Matched {
  std::vector<const tcp::Packet*> packets;  // possibly in scope
  std::int64_t certain = 0;                 // how many of them surely are
  // Those in scope if a segment at its bound is what a socket does: what it
  // receives makes it change, what it sends is sent in the state it changed to.
  std::vector<const tcp::Packet*> likely;
  // By how much the likely answer may be wrong, at most. Up to kStampSlack it
  // is no more than a capture's stamp is off.
  Duration doubt{};

  std::int64_t possible() const {
    return static_cast<std::int64_t>(packets.size());
  }
  bool in_doubt() const { return doubt > kStampSlack; }
};

Matched Match(const scenario::PacketExpectation& expected, const Scope& scope,
              const Evidence& evidence);

// Segments that should have been seen and may not have been. Bulk data is
// seen but not kept, which leaves the number of SYN, FIN and RST exact.
std::uint64_t Uncounted(std::uint8_t flags, const Evidence& evidence);

// Who lost them, to be said after what was seen.
std::string UncountedText(std::uint64_t packets, const tcp::Timeline& timeline);

}  // namespace finwait::judge
