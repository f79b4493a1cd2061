// Quantities with units, and bounds.
#include "scenario/quantity.h"

#include <charconv>

#include "scenario/suggestion.h"
#include "tcp/formula.h"
#include "tcp/linux_timing.h"

namespace finwait::scenario {
namespace {

// What one sort of quantity looks like, for messages.
struct Sort {
  std::string_view noun;   // "duration"
  std::string_view unit;   // to complete a bare number with
  std::string_view units;  // all of them
};

constexpr Sort kDuration = {"duration", "ms", "ns, us, ms, s, min or h"};
constexpr Sort kProbability = {"probability", "%", "% from 0% to 100%"};
constexpr Sort kRate = {"rate", "mbit", "bit, kbit, mbit or gbit"};
constexpr Sort kByteCount = {"number of bytes", "B", "B, kB, MB, KiB or MiB"};

bool IsBareNumber(const Node& node) {
  if (node.is(Node::Kind::kInteger) || node.is(Node::Kind::kFraction)) {
    return true;
  }
  return node.is(Node::Kind::kString) && !node.text.empty() &&
         node.text.find_first_not_of("0123456789.") == std::string::npos;
}

bool WrongQuantity(const Node& node, Mistakes& mistakes, const Sort& sort) {
  std::string noun(sort.noun);
  if (IsBareNumber(node)) {
    mistakes.Add(node.place,
                 Quoted(node.key) + " is " + node.text + " without a unit",
                 "write \"" + node.text + std::string(sort.unit) + "\"");
    return false;
  }
  std::string right = "write a " + noun + " in " + std::string(sort.units) +
                      ", such as \"50" + std::string(sort.unit) + "\"";
  if (!node.is(Node::Kind::kString)) return WrongType(node, mistakes, right);
  return WrongText(node, mistakes, "which is no " + noun, right);
}

template <typename T>
bool DecodeQuantity(const Node& node, Mistakes& mistakes, const Sort& sort,
                    std::optional<T> (*parse)(std::string_view), T* out) {
  std::optional<T> value;
  if (node.is(Node::Kind::kString)) value = parse(node.text);
  if (!value) return WrongQuantity(node, mistakes, sort);
  *out = *value;
  return true;
}

std::optional<std::int64_t> ParseCount(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < 0) return std::nullopt;
  return value;
}

// Puts the numbers of a bound together; empty if one of them is missing or
// they are in the wrong order.
std::optional<CountBound> MakeBound(BoundText::Kind kind,
                                    std::optional<std::int64_t> first,
                                    std::optional<std::int64_t> second) {
  if (!first) return std::nullopt;
  switch (kind) {
    case BoundText::Kind::kExactly:
      return CountBound{*first, *first};
    case BoundText::Kind::kAtLeast:
      return CountBound{*first, INT64_MAX};
    case BoundText::Kind::kAtMost:
      return CountBound{0, *first};
    case BoundText::Kind::kBetween:
      break;
  }
  if (!second || *second < *first) return std::nullopt;
  return CountBound{*first, *second};
}

std::optional<std::int64_t> DurationIn(Duration unit, std::string_view text) {
  auto duration = ParseDuration(text);
  if (!duration || *duration < Duration::zero()) return std::nullopt;
  return *duration / unit;
}

std::vector<std::string> FormulaNames() {
  std::vector<std::string> names;
  for (const auto& formula : tcp::Formulas()) names.push_back(formula.name);
  return names;
}

bool DecodeSpan(const Node& node, std::string_view text, Mistakes& mistakes,
                Span* out) {
  if (auto duration = ParseDuration(text)) {
    out->duration = duration;
    return true;
  }
  out->formula = std::string(text);
  if (tcp::IsFormula(text)) return true;
  Node part = node;
  part.text = out->formula;
  if (IsBareNumber(part)) return WrongQuantity(part, mistakes, kDuration);
  return WrongText(part, mistakes, "which is neither a duration nor a formula",
                   "write one such as \"5s\", or a formula: " +
                       Suggest(text, FormulaNames()));
}

Lasts::Kind KindOf(BoundText::Kind kind) {
  switch (kind) {
    case BoundText::Kind::kExactly:
      return Lasts::Kind::kTimer;
    case BoundText::Kind::kAtLeast:
      return Lasts::Kind::kAtLeast;
    case BoundText::Kind::kAtMost:
      return Lasts::Kind::kAtMost;
    case BoundText::Kind::kBetween:
      break;
  }
  return Lasts::Kind::kBetween;
}

}  // namespace

bool Decode(const Node& node, Mistakes& mistakes, Duration* out) {
  Duration value{};
  if (!DecodeSignedDuration(node, mistakes, &value)) return false;
  if (value < Duration::zero()) {
    return WrongText(node, mistakes, "which is below zero",
                     "write a duration from \"0s\" on");
  }
  *out = value;
  return true;
}

bool DecodeSignedDuration(const Node& node, Mistakes& mistakes, Duration* out) {
  return DecodeQuantity(node, mistakes, kDuration, &ParseDuration, out);
}

bool Decode(const Node& node, Mistakes& mistakes, Probability* out) {
  return DecodeQuantity(node, mistakes, kProbability, &ParseProbability, out);
}

bool Decode(const Node& node, Mistakes& mistakes, Rate* out) {
  return DecodeQuantity(node, mistakes, kRate, &ParseRate, out);
}

bool Decode(const Node& node, Mistakes& mistakes, ByteCount* out) {
  return DecodeQuantity(node, mistakes, kByteCount, &ParseByteCount, out);
}

BoundText SplitBound(std::string_view text) {
  auto after = [&](std::string_view prefix) {
    return text.substr(prefix.size());
  };
  if (text.starts_with("at least ")) {
    return {BoundText::Kind::kAtLeast, after("at least "), {}};
  }
  if (text.starts_with("at most ")) {
    return {BoundText::Kind::kAtMost, after("at most "), {}};
  }
  if (!text.starts_with("between ")) {
    return {BoundText::Kind::kExactly, text, {}};
  }
  std::string_view both = after("between ");
  std::size_t joint = both.find(" and ");
  if (joint == std::string_view::npos) {
    return {BoundText::Kind::kBetween, both, {}};
  }
  return {BoundText::Kind::kBetween, both.substr(0, joint),
          both.substr(joint + std::string_view(" and ").size())};
}

bool Decode(const Node& node, Mistakes& mistakes, CountBound* out) {
  std::optional<CountBound> bound;
  if (node.is(Node::Kind::kInteger) && node.integer >= 0) {
    bound = CountBound{node.integer, node.integer};
  }
  if (node.is(Node::Kind::kString)) {
    BoundText text = SplitBound(node.text);
    bound =
        MakeBound(text.kind, ParseCount(text.first), ParseCount(text.second));
  }
  if (bound) {
    *out = *bound;
    return true;
  }
  mistakes.Add(node.place, Quoted(node.key) + " is no count",
               "write 3, \"at least 3\", \"at most 3\" or "
               "\"between 3 and 5\"");
  return false;
}

bool Decode(const Node& node, Mistakes& mistakes, Lasts* out) {
  if (!node.is(Node::Kind::kString)) {
    return WrongQuantity(node, mistakes, kDuration);
  }
  if (node.text == "to the end") {
    out->kind = Lasts::Kind::kToTheEnd;
    return true;
  }
  BoundText text = SplitBound(node.text);
  out->kind = KindOf(text.kind);
  bool good = DecodeSpan(node, text.first, mistakes, &out->span);
  if (out->kind == Lasts::Kind::kBetween) {
    good = DecodeSpan(node, text.second, mistakes, &out->upper) && good;
  }
  if (good && out->upper.duration && out->span.duration &&
      *out->upper.duration < *out->span.duration) {
    return WrongText(node, mistakes, "which allows nothing",
                     "write the shorter duration first");
  }
  return good;
}

bool DecodeLength(const Node& node, Mistakes& mistakes, Lasts* out) {
  if (!Decode(node, mistakes, out)) return false;
  if (out->kind != Lasts::Kind::kToTheEnd) return true;
  return WrongText(node, mistakes, "which is no length of time",
                   "write \"2s\", \"at least 2s\", \"at most 2s\" or "
                   "\"between 1s and 2s\"");
}

bool DecodeDurationBound(const Node& node, Mistakes& mistakes, Duration unit,
                         CountBound* out) {
  if (IsBareNumber(node) || !node.is(Node::Kind::kString)) {
    return WrongQuantity(node, mistakes, kDuration);
  }
  BoundText text = SplitBound(node.text);
  auto bound = MakeBound(text.kind, DurationIn(unit, text.first),
                         DurationIn(unit, text.second));
  if (!bound) {
    return WrongText(node, mistakes, "which is no bound on a duration",
                     "write \"2s\", \"at least 2s\", \"at most 2s\" or "
                     "\"between 1s and 2s\"");
  }
  *out = *bound;
  return true;
}

bool DecodeTakes(const Node& node, Mistakes& mistakes, CountBound* out) {
  if (!DecodeDurationBound(node, mistakes, Duration(1), out)) return false;
  if (SplitBound(node.text).kind != BoundText::Kind::kExactly) return true;
  // A timer of the wheel is late by at most 1/8 of its delay (Linux:
  // kernel/time/timer.c calc_wheel_index()) and a jiffy.
  out->max = out->min + out->min / 100 * 13 + tcp::kLongestJiffy.count();
  return true;
}

}  // namespace finwait::scenario
