// Two sequences put side by side, as diff(1) does. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace finwait::compare {

// Indices into the two sequences; one of them is missing where only the other
// has such an element.
struct Aligned {
  std::optional<std::size_t> a;
  std::optional<std::size_t> b;
};

// Pairs as many elements with equal keys as can be, in order; what is only in
// A comes before what is only in B. The work is the product of the lengths.
template <typename Key>
std::vector<Aligned> Align(const std::vector<Key>& a,
                           const std::vector<Key>& b) {
  // longest[i][j]: of the common subsequences of a from i and b from j.
  std::vector<std::vector<std::size_t>> longest(
      a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      longest[i][j] = a[i] == b[j]
                          ? longest[i + 1][j + 1] + 1
                          : std::max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  std::vector<Aligned> aligned;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      aligned.push_back({i++, j++});
    } else if (j == b.size() ||
               (i < a.size() && longest[i + 1][j] >= longest[i][j + 1])) {
      aligned.push_back({i++, std::nullopt});
    } else {
      aligned.push_back({std::nullopt, j++});
    }
  }
  return aligned;
}

// The same for sequences of anything, by a key of each element.
template <typename T, typename KeyOf>
std::vector<Aligned> AlignBy(const std::vector<T>& a, const std::vector<T>& b,
                             KeyOf key_of) {
  std::vector<decltype(key_of(a.front()))> keys_a;
  std::vector<decltype(key_of(a.front()))> keys_b;
  for (const T& element : a) keys_a.push_back(key_of(element));
  for (const T& element : b) keys_b.push_back(key_of(element));
  return Align(keys_a, keys_b);
}

}  // namespace finwait::compare
