// Replaces "{name}" in strings.
#include "scenario/substitute.h"

#include <vector>

#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

bool IsName(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !text.empty() &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

// The walk over one tree.
struct Substitution {
  const Bindings& bindings;
  std::set<std::string>* used;
  Mistakes& mistakes;

  const Node* Find(const Node& node, const std::string& name) const;
  void Whole(const Node& value, Node* node) const;
  std::string Inside(const Node& node) const;
  Node Of(const Node& node) const;
};

const Node* Substitution::Find(const Node& node,
                               const std::string& name) const {
  auto binding = bindings.find(name);
  if (binding != bindings.end()) {
    used->insert(name);
    return &binding->second;
  }
  std::vector<std::string> known;
  for (const auto& [parameter, value] : bindings) known.push_back(parameter);
  mistakes.Add(node.place, "unknown parameter " + Quoted(name),
               SuggestNear(name, known)
                   .value_or("declare it under [parameter], or write {{ for a "
                             "brace"));
  return nullptr;
}

void Substitution::Whole(const Node& value, Node* node) const {
  node->kind = value.kind;
  node->text = value.text;
  node->integer = value.integer;
}

std::string Substitution::Inside(const Node& node) const {
  std::string out;
  const std::string& text = node.text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') {
      out += text[i];
      continue;
    }
    if (text.compare(i, 2, "{{") == 0) {
      out += '{';
      ++i;
      continue;
    }
    std::size_t end = text.find('}', i);
    std::string name = text.substr(i + 1, end - i - 1);
    if (end == std::string::npos || !IsName(name)) {
      mistakes.Add(node.place, Quoted(node.key) + " has a lone brace",
                   "write \"{{\" for a brace, or \"{PARAMETER}\"");
      return text;
    }
    if (const Node* value = Find(node, name)) out += value->text;
    i = end;
  }
  return out;
}

Node Substitution::Of(const Node& node) const {
  Node copy = node;
  for (Node& child : copy.children) child = Of(child);
  if (!node.is(Node::Kind::kString)) return copy;
  const std::string& text = node.text;
  bool enclosed = text.starts_with('{') && text.ends_with('}');
  std::string name = enclosed ? text.substr(1, text.size() - 2) : "";
  if (!IsName(name)) {
    copy.text = Inside(node);
  } else if (const Node* value = Find(node, name)) {
    Whole(*value, &copy);
  }
  return copy;
}

}  // namespace

Node Substitute(const Node& node, const Bindings& bindings,
                std::set<std::string>* used, Mistakes& mistakes) {
  return Substitution{bindings, used, mistakes}.Of(node);
}

}  // namespace finwait::scenario
