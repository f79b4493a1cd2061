// Reads one table of a file, key by key, and reports what nobody asked for.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/mistakes.h"
#include "scenario/node.h"
#include "scenario/scalar.h"

namespace finwait::scenario {

// A decoder makes one, asks it for each key that it understands, and calls
// Close(). Refers to the node and to the mistakes, which must outlive it.
//
//   Table table(node, "slot", mistakes);
//   table.Read("min", &slot.min_delay);
//   table.Read("max", &slot.max_delay);
//   table.Close();
class Table {
 public:
  // `construct` names what the table describes, for messages and the schema.
  // A node that is no table is a mistake, and reads as an empty one.
  Table(const Node& node, std::string construct, Mistakes& mistakes);

  // The value of `key`, or null.
  const Node* Find(std::string_view key);
  // The same, and it is a mistake if it is missing; `example` is the remedy.
  const Node* Require(std::string_view key, std::string_view example);
  bool Has(std::string_view key) const { return node_->Find(key) != nullptr; }

  // Decodes the value of `key` into `*out` if there is one. Returns whether
  // `*out` was written.
  template <typename T>
  bool Read(std::string_view key, T* out) {
    const Node* value = Find(key);
    return value != nullptr && Decode(*value, *mistakes_, out);
  }
  template <typename T>
  bool Read(std::string_view key, std::optional<T>* out) {
    T value{};
    if (!Read(key, &value)) return false;
    *out = std::move(value);
    return true;
  }
  template <typename T>
  bool ReadRequired(std::string_view key, std::string_view example, T* out) {
    return Require(key, example) != nullptr && Read(key, out);
  }

  // Exactly one of the keys must be there; returns it, or null.
  const Node* OneOf(std::initializer_list<std::string_view> keys);

  // Reports every key that was not asked for.
  void Close();

  const Place& place() const { return node_->place; }
  Mistakes& mistakes() { return *mistakes_; }
  const Node& node() const { return *node_; }

 private:
  void Ask(std::string_view key);

  const Node* node_;
  std::string construct_;
  Mistakes* mistakes_;
  std::vector<std::string> asked_;
};

// The items of an array of tables; a lone table counts as one. Anything else
// is a mistake.
std::vector<const Node*> TablesOf(const Node& node, Mistakes& mistakes);

}  // namespace finwait::scenario
