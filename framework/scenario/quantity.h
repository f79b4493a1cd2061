// Decodes values that carry a unit, and the bounds made of them ("at least
// 5s", "between 1 and 3").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/units.h"
#include "scenario/expectation.h"
#include "scenario/scalar.h"
#include "scenario/step.h"

namespace finwait::scenario {

bool Decode(const Node& node, Mistakes& mistakes, Duration* out);
bool Decode(const Node& node, Mistakes& mistakes, Probability* out);
bool Decode(const Node& node, Mistakes& mistakes, Rate* out);
bool Decode(const Node& node, Mistakes& mistakes, ByteCount* out);

// Like Decode for durations, but below zero is allowed.
bool DecodeSignedDuration(const Node& node, Mistakes& mistakes, Duration* out);

// "at least X" and its kin, not yet understood; views into the text.
struct BoundText {
  enum class Kind { kExactly, kAtLeast, kAtMost, kBetween };
  Kind kind = Kind::kExactly;
  std::string_view first;   // X, or the lower bound
  std::string_view second;  // the upper bound of kBetween
};
BoundText SplitBound(std::string_view text);

bool Decode(const Node& node, Mistakes& mistakes, CountBound* out);
bool Decode(const Node& node, Mistakes& mistakes, Lasts* out);

// The same without "to the end", for what is measured and not awaited.
bool DecodeLength(const Node& node, Mistakes& mistakes, Lasts* out);

// A bound on a duration, in units of `unit`: nanoseconds for `takes`,
// microseconds for the fields of tcp_info.
bool DecodeDurationBound(const Node& node, Mistakes& mistakes, Duration unit,
                         CountBound* out);

// `takes`: without a word before it, the call may be as late as a kernel
// timer can be.
bool DecodeTakes(const Node& node, Mistakes& mistakes, CountBound* out);

}  // namespace finwait::scenario
