// Ranges of values to try one after another: "tcp_fin_timeout=1..130".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scenario/mistakes.h"
#include "scenario/scenario.h"

namespace finwait::scenario {

// More than so many cases are taken for a slip of the pen.
inline constexpr std::size_t kMostPoints = 10'000;

// Every combination of what `ranges` say, the last one running fastest. Each
// is NAME=VALUES: values and ranges with commas between them. A range is
// "1..130", "10ms..200ms..10ms" with its step, or "1..1024*2" with a factor;
// its numbers have the same unit or none, and without a step go up by 1.
// `option` is what messages call them ("--over"). Empty after a mistake.
std::vector<Overrides> SweepPoints(const std::vector<std::string>& ranges,
                                   const std::string& option,
                                   Mistakes& mistakes);

// "NAME=VALUE", for a single one.
std::optional<Overrides::value_type> ParseOverride(const std::string& text,
                                                   const std::string& option,
                                                   Mistakes& mistakes);

}  // namespace finwait::scenario
