// Text to quantities and back.
#include "base/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

namespace finwait {
namespace {

// A unit and how many base units (ns, bit/s, bytes) it is.
struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 6> kTimeUnits = {{
    {"ns", 1},
    {"us", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"min", 60'000'000'000},
    {"h", 3'600'000'000'000},
}};

constexpr std::array<Unit, 5> kRateUnits = {{
    {"bit", 1},
    {"kbit", 1'000},
    {"mbit", 1'000'000},
    {"gbit", 1'000'000'000},
    {"tbit", 1'000'000'000'000},
}};

constexpr std::array<Unit, 7> kByteUnits = {{
    {"B", 1},
    {"kB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"KiB", 1ULL << 10},
    {"MiB", 1ULL << 20},
    {"GiB", 1ULL << 30},
}};

// "12.5ms" as whole 12, fraction 5, unit "ms".
struct Quantity {
  std::uint64_t whole = 0;
  std::string_view fraction;
  std::string_view unit;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::size_t CountDigits(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && IsDigit(text[n])) ++n;
  return n;
}

// A number with an optional fraction, and whatever follows it. A point needs
// digits on both sides.
std::optional<Quantity> Split(std::string_view text) {
  Quantity q;
  std::size_t digits = CountDigits(text);
  auto [end, error] =
      std::from_chars(text.data(), text.data() + digits, q.whole);
  if (digits == 0 || error != std::errc()) return std::nullopt;
  text.remove_prefix(digits);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    std::size_t places = CountDigits(text);
    if (places == 0) return std::nullopt;
    q.fraction = text.substr(0, places);
    text.remove_prefix(places);
  }
  q.unit = text;
  return q;
}

const Unit* FindUnit(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// The fraction times the factor, cut to whole base units. From the last digit
// to the first, where nested integer divisions lose nothing but the remainder.
std::uint64_t FractionOf(std::string_view fraction, std::uint64_t factor) {
  std::uint64_t sum = 0;
  while (!fraction.empty()) {
    auto digit = static_cast<std::uint64_t>(fraction.back() - '0');
    sum = (sum + digit * factor) / 10;
    fraction.remove_suffix(1);
  }
  return sum;
}

// The quantity in base units; empty when the unit is unknown or the value
// does not fit into 63 bits.
std::optional<std::uint64_t> ParseScaled(std::string_view text,
                                         std::span<const Unit> units) {
  std::optional<Quantity> q = Split(text);
  const Unit* unit = q ? FindUnit(units, q->unit) : nullptr;
  if (!unit) return std::nullopt;
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::uint64_t rest = FractionOf(q->fraction, unit->factor);
  if (q->whole > (kMax - rest) / unit->factor) return std::nullopt;
  return q->whole * unit->factor + rest;
}

// The largest unit that divides `value`, so that nothing is lost.
std::string FormatWhole(std::uint64_t value, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0 && unit.factor > best->factor) {
      best = &unit;
    }
  }
  return std::to_string(value / best->factor).append(best->name);
}

// `value` with its last `places` digits behind the point: 5132, 3 -> "5.132".
std::string WithPoint(std::uint64_t value, std::size_t places) {
  std::string digits = std::to_string(value);
  if (digits.size() <= places)
    digits.insert(0, places + 1 - digits.size(), '0');
  digits.insert(digits.size() - places, ".");
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

}  // namespace

std::optional<Duration> ParseDuration(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::optional<std::uint64_t> ns = ParseScaled(text, kTimeUnits);
  if (!ns) return std::nullopt;
  Duration duration(static_cast<Duration::rep>(*ns));
  return negative ? -duration : duration;
}

std::optional<Probability> ParseProbability(std::string_view text) {
  std::optional<Quantity> q = Split(text);
  if (!q || q->unit != "%") return std::nullopt;
  text.remove_suffix(1);
  double percent = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc() || percent > 100) return std::nullopt;
  return Probability{percent / 100};
}

std::optional<Rate> ParseRate(std::string_view text) {
  std::optional<std::uint64_t> bits = ParseScaled(text, kRateUnits);
  if (!bits) return std::nullopt;
  return Rate{*bits};
}

std::optional<ByteCount> ParseByteCount(std::string_view text) {
  std::optional<std::uint64_t> bytes = ParseScaled(text, kByteUnits);
  if (!bytes) return std::nullopt;
  return ByteCount{*bytes};
}

std::string Format(Duration duration) {
  bool negative = duration < Duration::zero();
  auto ns = static_cast<std::uint64_t>(duration.count());
  if (negative) ns = 0 - ns;
  std::string sign = negative ? "-" : "";
  if (ns == 0) return "0s";
  if (ns < 1'000) return sign + std::to_string(ns) + "ns";
  std::uint64_t us = ns / 1'000 + (ns % 1'000 >= 500 ? 1 : 0);
  if (us < 1'000) return sign + std::to_string(us) + "us";
  if (us < 1'000'000) return sign + WithPoint(us, 3) + "ms";
  return sign + WithPoint(us, 6) + "s";
}

std::string Format(Probability probability) {
  // Six decimals of a percent are finer than netem's 32-bit probabilities
  // need in a report.
  auto millionths =
      static_cast<std::uint64_t>(std::llround(probability.value * 100e6));
  return WithPoint(millionths, 6) + "%";
}

std::string Format(Rate rate) {
  return FormatWhole(rate.bits_per_second, kRateUnits);
}

std::string Format(ByteCount count) {
  return FormatWhole(count.bytes, kByteUnits);
}

}  // namespace finwait
