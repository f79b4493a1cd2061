// Multiplies parameters out.
#include "scenario/parameters.h"

#include <algorithm>

#include "base/one_line.h"
#include "scenario/table.h"

namespace finwait::scenario {
namespace {

bool IsScalar(const Node& node) {
  return !node.is(Node::Kind::kArray) && !node.is(Node::Kind::kTable) &&
         !node.is(Node::Kind::kDate);
}

bool CheckScalar(const Node& node, Mistakes& mistakes) {
  return IsScalar(node) ||
         WrongType(node, mistakes, "write a string, a number or a boolean");
}

std::string Labelled(const std::string& name, const Node& node) {
  return name + (name.empty() ? "" : ", ") + node.key + "=" +
         OnOneLine(node.text);
}

// Every case so far times every value of the parameter.
std::vector<Case> Multiply(const std::vector<Case>& cases,
                           const Node& parameter) {
  std::vector<Case> product;
  for (const Case& base : cases) {
    for (const Node& value : parameter.children) {
      Case next = base;
      next.name = Labelled(base.name, value);
      next.bindings[parameter.key] = value;
      product.push_back(next);
    }
  }
  return product;
}

bool CheckParameter(const Node& parameter, Mistakes& mistakes) {
  if (!parameter.is(Node::Kind::kArray) || parameter.children.empty()) {
    mistakes.Add(parameter.place,
                 Quoted(parameter.key) + " is no list of values",
                 "write an array with at least one value, [1, 2]");
    return false;
  }
  bool good = true;
  for (const Node& value : parameter.children) {
    good = CheckScalar(value, mistakes) && good;
  }
  return good;
}

// One [[case]] row.
Case DecodeRow(const Node& row, Mistakes& mistakes) {
  Case result;
  std::string name;
  for (const Node& value : row.children) {
    if (value.key == "name") {
      Decode(value, mistakes, &name);
      continue;
    }
    if (!CheckScalar(value, mistakes)) continue;
    result.name = Labelled(result.name, value);
    result.bindings[value.key] = value;
  }
  if (!name.empty()) result.name = OnOneLine(name);
  return result;
}

void CheckSameKeys(const Case& row, const Case& first, const Node& node,
                   Mistakes& mistakes) {
  for (const auto& [key, value] : first.bindings) {
    if (row.bindings.contains(key)) continue;
    mistakes.Add(node.place, "this case lacks " + Quoted(key),
                 "all rows of [[case]] need the same keys");
  }
  for (const auto& [key, value] : row.bindings) {
    if (first.bindings.contains(key)) continue;
    mistakes.Add(value.key_place, "the first case has no " + Quoted(key),
                 "all rows of [[case]] need the same keys");
  }
}

std::vector<Case> RowsOf(const Node& root, Mistakes& mistakes) {
  const Node* rows = root.Find("case");
  if (rows == nullptr) return {Case{}};
  std::vector<Case> cases;
  for (const Node* row : TablesOf(*rows, mistakes)) {
    cases.push_back(DecodeRow(*row, mistakes));
    CheckSameKeys(cases.back(), cases.front(), *row, mistakes);
  }
  if (cases.empty()) cases.emplace_back();
  return cases;
}

bool Matches(const Case& candidate, const Node& exclude) {
  return std::all_of(
      exclude.children.begin(), exclude.children.end(), [&](const Node& n) {
        if (n.key == "reason") return true;
        auto value = candidate.bindings.find(n.key);
        return value != candidate.bindings.end() &&
               value->second.kind == n.kind && value->second.text == n.text;
      });
}

void ApplyExclude(const Node& exclude, Mistakes& mistakes,
                  std::vector<Case>* cases) {
  Table table(exclude, "exclude", mistakes);
  std::string reason;
  table.ReadRequired("reason", "reason = \"WHY\"", &reason);
  auto out =
      std::erase_if(*cases, [&](const Case& c) { return Matches(c, exclude); });
  if (out == 0) {
    mistakes.Add(exclude.place, "no case matches this exclude",
                 "its keys must be parameters, with one of their values");
  }
  if (cases->empty()) {
    mistakes.Add(exclude.place, "all cases are excluded", "leave at least one");
    cases->emplace_back();
  }
}

}  // namespace

std::vector<Case> CasesOf(const Node& root, Mistakes& mistakes) {
  std::vector<Case> cases = RowsOf(root, mistakes);
  if (const Node* parameters = root.Find("parameter")) {
    if (!parameters->is(Node::Kind::kTable)) {
      WrongType(*parameters, mistakes, "write [parameter]");
    }
    for (const Node& parameter : parameters->children) {
      if (!CheckParameter(parameter, mistakes)) continue;
      if (cases.front().bindings.contains(parameter.key)) {
        mistakes.Add(
            parameter.key_place,
            "parameter " + Quoted(parameter.key) + " stands in [[case]], too",
            "leave one of them out");
        continue;
      }
      cases = Multiply(cases, parameter);
    }
  }
  if (const Node* excludes = root.Find("exclude")) {
    for (const Node* exclude : TablesOf(*excludes, mistakes)) {
      ApplyExclude(*exclude, mistakes, &cases);
    }
  }
  return cases;
}

void CheckAllUsed(const Node& root, const std::set<std::string>& used,
                  Mistakes& mistakes) {
  auto check = [&](const Node& value) {
    if (value.key == "name" || used.contains(value.key)) return;
    mistakes.Add(value.key_place,
                 "parameter " + Quoted(value.key) + " is not used",
                 "write \"{" + value.key + "}\" somewhere, or leave it out");
  };
  if (const Node* parameters = root.Find("parameter")) {
    for (const Node& parameter : parameters->children) check(parameter);
  }
  const Node* rows = root.Find("case");
  if (rows == nullptr || rows->children.empty()) return;
  const Node& row = rows->is(Node::Kind::kArray) ? rows->children[0] : *rows;
  for (const Node& value : row.children) check(value);
}

}  // namespace finwait::scenario
