// Decodes single values of a file: Decode() for every type that a key can
// hold, and the ways to say that a value is none of these.
//
// Every Decode writes `*out` and returns true, or adds a mistake and returns
// false. table.h finds the right one by the type of `out`.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/mistakes.h"
#include "scenario/node.h"
#include "tcp/address.h"
#include "tcp/tcp_state.h"

namespace finwait::scenario {

// "'backlog' is a string", with the remedy. Returns false.
bool WrongType(const Node& node, Mistakes& mistakes, std::string right);

// The 'key' is "text", which is `wrong`. Returns false.
bool WrongText(const Node& node, Mistakes& mistakes, std::string_view wrong,
               std::string right);

bool Decode(const Node& node, Mistakes& mistakes, std::string* out);
bool Decode(const Node& node, Mistakes& mistakes, bool* out);
bool Decode(const Node& node, Mistakes& mistakes,
            std::vector<std::string>* out);
bool Decode(const Node& node, Mistakes& mistakes,
            std::map<std::string, std::string>* out);
bool Decode(const Node& node, Mistakes& mistakes, tcp::Family* out);
bool Decode(const Node& node, Mistakes& mistakes, tcp::TcpState* out);
bool Decode(const Node& node, Mistakes& mistakes, tcp::IpPrefix* out);
bool Decode(const Node& node, Mistakes& mistakes, tcp::IpAddress* out);

// An integer of [min, max].
bool DecodeInteger(const Node& node, Mistakes& mistakes, std::int64_t min,
                   std::int64_t max, std::int64_t* out);

template <typename T>
requires std::numeric_limits<T>::is_integer bool Decode(const Node& node,
                                                        Mistakes& mistakes,
                                                        T* out) {
  using Limits = std::numeric_limits<T>;
  constexpr std::int64_t kMax =
      sizeof(T) == 8 ? INT64_MAX : static_cast<std::int64_t>(Limits::max());
  std::int64_t value = 0;
  if (!DecodeInteger(node, mistakes, Limits::min(), kMax, &value)) return false;
  *out = static_cast<T>(value);
  return true;
}

// TCP flags by name, "FIN|ACK"; "any" is 0.
struct FlagSet {
  std::uint8_t bits = 0;
};
bool Decode(const Node& node, Mistakes& mistakes, FlagSet* out);

// One word of several, each with its meaning.
template <typename T>
using Words = std::vector<std::pair<std::string, T>>;

std::vector<std::string> WordsOf(const auto& meanings) {
  std::vector<std::string> words;
  for (const auto& [word, meaning] : meanings) words.push_back(word);
  return words;
}

bool UnknownWord(const Node& node, Mistakes& mistakes,
                 const std::vector<std::string>& words);

template <typename T>
bool DecodeWord(const Node& node, Mistakes& mistakes, const Words<T>& words,
                T* out) {
  std::string text;
  if (!Decode(node, mistakes, &text)) return false;
  for (const auto& [word, meaning] : words) {
    if (word != text) continue;
    *out = meaning;
    return true;
  }
  return UnknownWord(node, mistakes, WordsOf(words));
}

}  // namespace finwait::scenario
