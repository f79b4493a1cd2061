// The only file that knows toml++.
#include "scenario/node.h"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <tuple>

namespace finwait::scenario {
namespace {

Place PlaceOf(const toml::source_region& source, const std::string& file) {
  return {file, static_cast<int>(source.begin.line),
          static_cast<int>(source.begin.column)};
}

Node Convert(const toml::node& from, const std::string& file);

void ConvertEntries(const toml::table& table, const std::string& file,
                    Node* to) {
  for (const auto& [key, value] : table) {
    Node child = Convert(value, file);
    child.key = std::string(key.str());
    child.key_place = PlaceOf(key.source(), file);
    for (Node& item : child.children) {
      if (child.is(Node::Kind::kArray)) item.key = child.key;
    }
    to->children.push_back(std::move(child));
  }
  // toml++ sorts by key; messages and cases want the order of the file.
  std::stable_sort(to->children.begin(), to->children.end(),
                   [](const Node& a, const Node& b) {
                     return std::tie(a.key_place.line, a.key_place.column) <
                            std::tie(b.key_place.line, b.key_place.column);
                   });
}

std::string TextOf(const toml::node& from) {
  if (const auto* text = from.as_string()) return text->get();
  std::ostringstream out;
  if (const auto* integer = from.as_integer()) out << integer->get();
  if (const auto* fraction = from.as_floating_point()) out << fraction->get();
  if (const auto* flag = from.as_boolean()) {
    out << (flag->get() ? "true" : "false");
  }
  return out.str();
}

Node::Kind KindOf(const toml::node& from) {
  switch (from.type()) {
    case toml::node_type::string:
      return Node::Kind::kString;
    case toml::node_type::integer:
      return Node::Kind::kInteger;
    case toml::node_type::floating_point:
      return Node::Kind::kFraction;
    case toml::node_type::boolean:
      return Node::Kind::kBoolean;
    case toml::node_type::array:
      return Node::Kind::kArray;
    case toml::node_type::table:
      return Node::Kind::kTable;
    default:
      return Node::Kind::kDate;
  }
}

Node Convert(const toml::node& from, const std::string& file) {
  Node to;
  to.kind = KindOf(from);
  to.place = PlaceOf(from.source(), file);
  to.text = TextOf(from);
  if (const auto* integer = from.as_integer()) to.integer = integer->get();
  if (const auto* flag = from.as_boolean()) to.integer = flag->get() ? 1 : 0;
  if (const auto* array = from.as_array()) {
    for (const auto& item : *array) to.children.push_back(Convert(item, file));
  }
  if (const auto* table = from.as_table()) ConvertEntries(*table, file, &to);
  return to;
}

}  // namespace

const Node* Node::Find(std::string_view child_key) const {
  if (!is(Kind::kTable)) return nullptr;
  auto found = std::find_if(children.begin(), children.end(),
                            [&](const Node& n) { return n.key == child_key; });
  return found == children.end() ? nullptr : &*found;
}

std::string_view Name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kString:
      return "a string";
    case Node::Kind::kInteger:
      return "an integer";
    case Node::Kind::kFraction:
      return "a fraction";
    case Node::Kind::kBoolean:
      return "a boolean";
    case Node::Kind::kArray:
      return "an array";
    case Node::Kind::kTable:
      return "a table";
    case Node::Kind::kDate:
      break;
  }
  return "a date";
}

std::string Quoted(std::string_view key) {
  return "'" + std::string(key) + "'";
}

std::optional<Node> ParseToml(std::string_view text, const std::string& file,
                              Mistakes& mistakes) {
  try {
    Node root = Convert(toml::parse(text, file), file);
    root.place = {file, 1, 1};
    return root;
  } catch (const toml::parse_error& error) {
    mistakes.Add(PlaceOf(error.source(), file),
                 std::string(error.description()),
                 "mend the TOML here; what follows was not read");
    return std::nullopt;
  }
}

}  // namespace finwait::scenario
