// Keeps account of the keys that were asked for.
#include "scenario/table.h"

#include <algorithm>

#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

const Node& EmptyTable() {
  static const Node empty;
  return empty;
}

}  // namespace

Table::Table(const Node& node, std::string construct, Mistakes& mistakes)
    : node_(&node), construct_(std::move(construct)), mistakes_(&mistakes) {
  if (node.is(Node::Kind::kTable)) return;
  WrongType(node, mistakes, "write a table, { key = value }");
  node_ = &EmptyTable();
}

void Table::Ask(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) return;
  asked_.emplace_back(key);
  mistakes_->NoteKey(construct_, asked_.back());
}

const Node* Table::Find(std::string_view key) {
  Ask(key);
  return node_->Find(key);
}

const Node* Table::Require(std::string_view key, std::string_view example) {
  const Node* value = Find(key);
  if (value == nullptr && node_ != &EmptyTable()) {
    mistakes_->Add(node_->place,
                   Quoted(key) + " of this " + construct_ + " is missing",
                   "write " + std::string(example));
  }
  return value;
}

const Node* Table::OneOf(std::initializer_list<std::string_view> keys) {
  const Node* found = nullptr;
  std::vector<std::string> names;
  for (std::string_view key : keys) {
    names.emplace_back(key);
    const Node* value = Find(key);
    if (value != nullptr && found != nullptr) {
      mistakes_->Add(value->key_place,
                     Quoted(key) + " stands beside " + Quoted(found->key),
                     "leave one of them out");
    }
    if (found == nullptr) found = value;
  }
  if (found == nullptr && node_ != &EmptyTable()) {
    mistakes_->Add(node_->place, "this " + construct_ + " lacks its main key",
                   "write " + JoinAlternatives(names));
  }
  return found;
}

void Table::Close() {
  for (const Node& child : node_->children) {
    if (std::find(asked_.begin(), asked_.end(), child.key) != asked_.end()) {
      continue;
    }
    mistakes_->Add(
        child.key_place,
        "unknown key " + Quoted(child.key) + " in this " + construct_,
        Suggest(child.key, asked_));
  }
}

std::vector<const Node*> TablesOf(const Node& node, Mistakes& mistakes) {
  std::vector<const Node*> tables;
  if (node.is(Node::Kind::kTable)) return {&node};
  if (!node.is(Node::Kind::kArray)) {
    WrongType(node, mistakes, "write a table or an array of tables");
    return {};
  }
  for (const Node& item : node.children) tables.push_back(&item);
  return tables;
}

}  // namespace finwait::scenario
