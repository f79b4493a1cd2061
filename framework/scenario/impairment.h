// What happens to packets that leave through one end of a link.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/units.h"

namespace finwait::scenario {

// Independent loss (tc-netem(8) "loss random").
struct RandomLoss {
  Probability probability;
  Probability correlation;
  friend bool operator==(const RandomLoss&, const RandomLoss&) = default;
};

// Four-state Markov loss ("loss state P13 P31 P32 P23 P14").
struct StateLoss {
  Probability p13, p31, p32, p23, p14;
  friend bool operator==(const StateLoss&, const StateLoss&) = default;
};

// Gilbert-Elliott loss ("loss gemodel P R 1-H 1-K").
struct GemodelLoss {
  Probability p, r, one_minus_h, one_minus_k;
  friend bool operator==(const GemodelLoss&, const GemodelLoss&) = default;
};

using Loss = std::variant<std::monostate, RandomLoss, StateLoss, GemodelLoss>;

// A chance and how much the next draw depends on the last one.
struct Correlated {
  Probability probability;
  Probability correlation;
  friend bool operator==(const Correlated&, const Correlated&) = default;
};

enum class Distribution : std::uint8_t {
  kUniform,
  kNormal,
  kPareto,
  kParetoNormal
};

// Packets are delivered in slots ("slot MIN MAX [packets N] [bytes N]").
struct Slot {
  Duration min_delay{};
  Duration max_delay{};
  std::int32_t packets = 0;  // 0: no limit
  std::int32_t bytes = 0;    // 0: no limit
  friend bool operator==(const Slot&, const Slot&) = default;
};

// All that netem does on one egress side, in tc-netem(8)'s words. Defaults
// impair nothing. (Linux: net/sched/sch_netem.c.)
struct Impairment {
  Duration delay{};
  Duration jitter{};
  Probability delay_correlation;
  Distribution distribution = Distribution::kUniform;
  Loss loss;
  bool ecn = false;  // mark instead of losing
  Correlated duplicate;
  Correlated corrupt;
  Correlated reorder;     // needs delay
  std::uint32_t gap = 0;  // reorder every gap-th packet
  Rate rate;              // 0: unlimited
  std::int32_t packet_overhead = 0;
  std::uint32_t limit = 1000;  // packets held at most
  std::optional<Slot> slot;
  std::optional<std::uint64_t> seed;
  friend bool operator==(const Impairment&, const Impairment&) = default;
};

// "delay 10ms, loss 1%", as a person would say it.
std::string Describe(const Impairment& impairment);

}  // namespace finwait::scenario
