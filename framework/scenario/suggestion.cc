// Finds the word somebody probably meant.
#include "scenario/suggestion.h"

#include <algorithm>

namespace finwait::scenario {

int EditDistance(std::string_view a, std::string_view b) {
  // Optimal string alignment: row i holds the distances of a's first i letters.
  std::vector<std::vector<int>> rows(a.size() + 1,
                                     std::vector<int>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        rows[i][j] = static_cast<int>(i + j);
        continue;
      }
      int replace = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, replace});
      bool swapped =
          i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.size()][b.size()];
}

std::string JoinAlternatives(const std::vector<std::string>& words) {
  std::string joined;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) joined += i + 1 == words.size() ? " or " : ", ";
    joined += words[i];
  }
  return joined;
}

std::optional<std::string> SuggestNear(std::string_view word,
                                       const std::vector<std::string>& known) {
  if (known.empty()) return std::nullopt;
  auto distance = [&](const std::string& k) { return EditDistance(word, k); };
  auto nearest = std::min_element(
      known.begin(), known.end(),
      [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  // A third of the letters may be wrong before it is another word.
  int tolerated = std::max<int>(1, static_cast<int>(word.size()) / 3);
  if (distance(*nearest) > tolerated) return std::nullopt;
  return "did you mean '" + *nearest + "'?";
}

std::string Suggest(std::string_view word,
                    const std::vector<std::string>& known) {
  if (known.empty()) return "nothing can stand here";
  return SuggestNear(word, known).value_or("write " + JoinAlternatives(known));
}

}  // namespace finwait::scenario
