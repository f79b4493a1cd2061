// A file as a tree of values that know their places. Our own, because copies
// with parameters filled in must keep the places of what they came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/diagnostic.h"
#include "scenario/mistakes.h"

namespace finwait::scenario {

// One value of a TOML document; plain data.
struct Node {
  enum class Kind : std::uint8_t {
    kString,
    kInteger,
    kFraction,
    kBoolean,
    kArray,
    kTable,
    kDate,  // finwait has no use for one
  };
  Kind kind = Kind::kTable;
  std::string text;            // a scalar as a person writes it
  std::int64_t integer = 0;    // of integers; booleans are 0 or 1
  std::vector<Node> children;  // of arrays and tables, in the file's order

  std::string key;  // in the table around it; items have their array's key
  Place key_place;
  Place place;  // of the value

  bool is(Kind k) const { return kind == k; }
  // The child with this key, or null.
  const Node* Find(std::string_view child_key) const;
};

// "a string", "an integer": how messages name a kind.
std::string_view Name(Node::Kind kind);

// 'key', as messages quote keys and names.
std::string Quoted(std::string_view key);

// Reads TOML text. A syntax error is one mistake: the parser cannot go on.
std::optional<Node> ParseToml(std::string_view text, const std::string& file,
                              Mistakes& mistakes);

}  // namespace finwait::scenario
