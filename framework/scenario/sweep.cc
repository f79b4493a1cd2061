// Reads ranges and multiplies them out.
#include "scenario/sweep.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace finwait::scenario {
namespace {

// A decimal number and what follows it: "1.5%". Exact, so that 0.1 added ten
// times makes 1.
struct Quantity {
  std::int64_t millionths = 0;
  std::string unit;
};

constexpr std::int64_t kOne = 1'000'000;
constexpr std::size_t kDigitsOfFraction = 6;
constexpr std::size_t kMostDigits = 12;  // of the whole part: fits 64 bits

std::string_view TakeDigits(std::string_view* text) {
  const auto end =
      std::min(text->find_first_not_of("0123456789"), text->size());
  const std::string_view digits = text->substr(0, end);
  text->remove_prefix(end);
  return digits;
}

std::optional<Quantity> ParseQuantity(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::string digits(TakeDigits(&text));
  if (digits.empty() || digits.size() > kMostDigits) return std::nullopt;
  std::string fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = TakeDigits(&text);
    if (fraction.empty() || fraction.size() > kDigitsOfFraction) {
      return std::nullopt;
    }
  }
  fraction.resize(kDigitsOfFraction, '0');
  digits += fraction;
  if (text.find_first_of("0123456789.*-") != std::string_view::npos) {
    return std::nullopt;
  }
  Quantity quantity{.millionths = 0, .unit = std::string(text)};
  std::from_chars(digits.data(), digits.data() + digits.size(),
                  quantity.millionths);
  if (negative) quantity.millionths = -quantity.millionths;
  return quantity;
}

std::string ToString(const Quantity& quantity) {
  const std::int64_t size = std::abs(quantity.millionths);
  std::string text =
      (quantity.millionths < 0 ? "-" : "") + std::to_string(size / kOne);
  if (size % kOne != 0) {
    std::string fraction = std::to_string(kOne + size % kOne).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text + quantity.unit;
}

std::vector<std::string> Split(const std::string& text,
                               const std::string& separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = text.find(separator); end != std::string::npos;
       end = text.find(separator, begin)) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + separator.size();
  }
  parts.push_back(text.substr(begin));
  return parts;
}

// One NAME=VALUES.
class Range {
 public:
  Range(const std::string& text, const std::string& option, Mistakes& mistakes)
      : place_{option + " " + text}, mistakes_(mistakes) {}

  std::vector<std::string> Expand(const std::string& values) {
    for (const std::string& item : Split(values, ",")) {
      if (!good_) break;
      if (item.empty()) {
        Refuse("a value is missing", kExample);
      } else if (item.find("..") == std::string::npos) {
        Add(item);
      } else {
        ExpandItem(item);
      }
    }
    if (!good_) values_.clear();
    return values_;
  }

  void Refuse(const std::string& wrong, const std::string& right) {
    if (good_) mistakes_.Add(place_, wrong, right);
    good_ = false;
  }

  static constexpr const char* kExample =
      "write NAME=1..130, NAME=10ms..200ms..10ms, NAME=1..1024*2 or NAME=5,20";

 private:
  // FIRST..LAST, FIRST..LAST..STEP or FIRST..LAST*FACTOR.
  void ExpandItem(const std::string& item) {
    std::vector<std::string> parts = Split(item, "..");
    const auto star = parts[1].find('*');
    const bool multiply = parts.size() == 2 && star != std::string::npos;
    if (multiply) {
      parts.push_back(parts[1].substr(star + 1));
      parts[1].erase(star);
    }
    std::vector<Quantity> numbers;
    for (const std::string& part : parts) {
      const auto number = ParseQuantity(part);
      if (!number) return Refuse("'" + part + "' is no number", kExample);
      numbers.push_back(*number);
    }
    if (parts.size() > 3) return Refuse("too many parts", kExample);
    if (numbers.size() == 2) numbers.push_back({kOne, numbers[0].unit});
    if (multiply) {
      Multiply(item, numbers);
    } else {
      Count(item, numbers);
    }
  }

  void Count(const std::string& item, const std::vector<Quantity>& n) {
    if (!CheckOrder(item, n)) return;
    if (n[2].unit != n[0].unit || n[2].millionths <= 0) {
      return Refuse("the step of '" + item + "' is not right",
                    "write a step above zero in the unit of the bounds");
    }
    Quantity at = n[0];
    for (; good_ && at.millionths <= n[1].millionths;
         at.millionths += n[2].millionths) {
      Add(ToString(at));
    }
  }

  void Multiply(const std::string& item, const std::vector<Quantity>& n) {
    if (!CheckOrder(item, n)) return;
    if (!n[2].unit.empty() || n[2].millionths <= kOne || n[0].millionths <= 0 ||
        n[2].millionths % kOne != 0) {
      return Refuse("'" + item + "' does not grow",
                    "write a whole factor from 2 on, and begin above zero");
    }
    Quantity at = n[0];
    // The last bound is below 10^18, and so is what is compared with it.
    for (; good_; at.millionths *= n[2].millionths / kOne) {
      Add(ToString(at));
      if (at.millionths > n[1].millionths / (n[2].millionths / kOne)) break;
    }
  }

  bool CheckOrder(const std::string& item, const std::vector<Quantity>& n) {
    if (n[0].unit != n[1].unit) {
      Refuse("the bounds of '" + item + "' differ in their units",
             "write 10ms..200ms");
    } else if (n[0].millionths > n[1].millionths) {
      Refuse("'" + item + "' ends before it begins",
             "write the lower bound first");
    }
    return good_;
  }

  void Add(const std::string& value) {
    values_.push_back(value);
    if (values_.size() > kMostPoints) RefuseMany();
  }

  void RefuseMany() {
    Refuse("more than " + std::to_string(kMostPoints) + " cases",
           "give a step, as in 1..130..5");
  }

  Place place_;
  Mistakes& mistakes_;
  std::vector<std::string> values_;
  bool good_ = true;
};

// Every point so far with every value.
std::vector<Overrides> Cross(const std::vector<Overrides>& points,
                             const std::string& name,
                             const std::vector<std::string>& values) {
  std::vector<Overrides> product;
  for (const Overrides& point : points) {
    for (const std::string& value : values) {
      product.push_back(point);
      product.back().emplace_back(name, value);
    }
  }
  return product;
}

bool IsNamed(const Overrides& point, const std::string& name) {
  return std::any_of(point.begin(), point.end(),
                     [&](const auto& one) { return one.first == name; });
}

}  // namespace

std::vector<Overrides> SweepPoints(const std::vector<std::string>& ranges,
                                   const std::string& option,
                                   Mistakes& mistakes) {
  std::vector<Overrides> points = {{}};
  bool good = true;
  for (const std::string& text : ranges) {
    Range range(text, option, mistakes);
    const auto given = ParseOverride(text, option, mistakes);
    const auto values =
        given ? range.Expand(given->second) : std::vector<std::string>();
    if (given && good && IsNamed(points.front(), given->first)) {
      range.Refuse("'" + given->first + "' is given twice",
                   "give all its values at once, as in 1..10,20,30");
      good = false;
    } else if (points.size() * values.size() > kMostPoints) {
      range.Refuse(
          "together more than " + std::to_string(kMostPoints) + " cases",
          "give steps, as in 1..130..5");
      good = false;
    }
    good = good && !values.empty();
    if (good) points = Cross(points, given->first, values);
  }
  return good ? points : std::vector<Overrides>();
}

std::optional<Overrides::value_type> ParseOverride(const std::string& text,
                                                   const std::string& option,
                                                   Mistakes& mistakes) {
  const auto equals = text.find('=');
  if (equals != std::string::npos && equals > 0 && equals + 1 < text.size()) {
    return {{text.substr(0, equals), text.substr(equals + 1)}};
  }
  mistakes.Add({option + " " + text}, "not a name and a value",
               "write NAME=VALUE, as in tcp_fin_timeout=61");
  return std::nullopt;
}

}  // namespace finwait::scenario
