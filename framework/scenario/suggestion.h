// "did you mean …?" for words that are not among the known ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace finwait::scenario {

// The remedy for the unknown `word`: the known word nearest to it by edit
// distance if one is near, or else all that could stand there.
std::string Suggest(std::string_view word,
                    const std::vector<std::string>& known);

// Only the first half of that: empty if no known word is near.
std::optional<std::string> SuggestNear(std::string_view word,
                                       const std::vector<std::string>& known);

// The number of letters to insert, remove, replace or swap.
int EditDistance(std::string_view a, std::string_view b);

// "a, b or c".
std::string JoinAlternatives(const std::vector<std::string>& words);

}  // namespace finwait::scenario
