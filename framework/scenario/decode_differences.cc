// Lays the expectations of differences over the file's own.
#include "scenario/decode_differences.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "scenario/decode_expectation.h"
#include "scenario/decode_step.h"
#include "scenario/table.h"

namespace finwait::scenario {
namespace {

// Expectations are decoded for every set of differences, so that each mistake
// is found where the file is read and not where it is played.
constexpr std::size_t kMost = 4;

Node* FindChild(Node* node, const std::string& key) {
  const auto child = std::find_if(node->children.begin(), node->children.end(),
                                  [&](const Node& n) { return n.key == key; });
  return child == node->children.end() ? nullptr : &*child;
}

// Tables key by key, all else as a whole.
void Lay(const Node& over, Node* base) {
  for (const Node& child : over.children) {
    Node* same = FindChild(base, child.key);
    if (same == nullptr) {
      base->children.push_back(child);
    } else if (same->is(Node::Kind::kTable) && child.is(Node::Kind::kTable)) {
      Lay(child, same);
    } else {
      *same = child;
    }
  }
}

bool SaySame(const Node& a, const Node& b) {
  return a.key == b.key && a.kind == b.kind && a.text == b.text &&
         a.integer == b.integer &&
         std::equal(a.children.begin(), a.children.end(), b.children.begin(),
                    b.children.end(), SaySame);
}

// A difference and the expectations it lays over the file's, or null.
struct Declared {
  Difference difference;
  const Node* expect = nullptr;
};

// [differs.step.NUMBER], as reports number them.
void DecodeResults(const Node& node, std::size_t steps, Mistakes& mistakes,
                   Difference* difference) {
  for (const Node& child : node.children) {
    std::size_t number = 0;
    const char* end = child.key.data() + child.key.size();
    const auto read = std::from_chars(child.key.data(), end, number);
    if (read.ptr != end || number < 1 || number > steps) {
      mistakes.Add(child.key_place, Quoted(child.key) + " is no step",
                   "number one from 1 to " + std::to_string(steps));
      continue;
    }
    Table table(child, "result", mistakes);
    difference->results[number - 1] = DecodeResult(table);
    table.Close();
  }
}

Declared DecodeDifference(const Node& node, std::size_t steps,
                          Mistakes& mistakes) {
  Declared declared;
  Difference& difference = declared.difference;
  difference.place = node.place;
  Table table(node, "difference", mistakes);
  table.ReadRequired("where", "where = \"kernel < 6.1\"", &difference.where);
  table.ReadRequired("reason", "reason = \"WHY\"", &difference.reason);
  table.ReadRequired("source", "source = \"FILE function()\"",
                     &difference.source);
  if (const Node* step = table.Find("step")) {
    DecodeResults(*step, steps, mistakes, &difference);
    declared.expect = table.Find("expect");
  } else {
    declared.expect =
        table.Require("expect", "[differs.expect.HOST.CONNECTION] below it");
  }
  table.Close();
  return declared;
}

// Where the parameters of a case make it say what the file says anyway, that
// case knows no difference.
bool IsOne(const Declared& declared, const Node& own) {
  if (!declared.difference.results.empty()) return true;
  if (declared.expect == nullptr) return false;
  Node laid = own;
  Lay(*declared.expect, &laid);
  return !SaySame(laid, own);
}

std::vector<Declared> DifferencesOf(const Node& differs, const Node& own,
                                    std::size_t steps, Mistakes& mistakes) {
  std::vector<Declared> all;
  for (const Node* node : TablesOf(differs, mistakes)) {
    all.push_back(DecodeDifference(*node, steps, mistakes));
  }
  if (all.size() > kMost) {
    mistakes.Add(all[kMost].difference.place, "too many differences",
                 "a file may have " + std::to_string(kMost) +
                     ": make a file of its own of what so few kernels share");
    all.resize(kMost);
  }
  std::erase_if(all, [&](const Declared& one) { return !IsOne(one, own); });
  return all;
}

}  // namespace

void DecodeDifferences(const Node& differs, const Node* expect, Scene& scene,
                       Scenario* scenario) {
  const Node own = expect == nullptr ? Node{} : *expect;
  const auto all =
      DifferencesOf(differs, own, scenario->steps.size(), scene.mistakes());
  for (std::size_t set = 0; set < std::size_t{1} << all.size(); ++set) {
    Node laid = own;
    for (std::size_t n = 0; n < all.size(); ++n) {
      if ((set >> n & 1) != 0 && all[n].expect) Lay(*all[n].expect, &laid);
    }
    DecodeExpectations(laid, scene, &scenario->expected_where.emplace_back());
  }
  for (const Declared& one : all) {
    scenario->differences.push_back(one.difference);
  }
}

}  // namespace finwait::scenario
