// Quantities with their units, and the only place that reads or writes them
// as text. Everything a scenario says with a unit goes through here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace finwait {

// A span of time, nanoseconds, signed. INT64_MAX ns are 292 years.
using Duration = std::chrono::nanoseconds;

// A chance between 0 and 1.
struct Probability {
  double value = 0;
  friend bool operator==(const Probability&, const Probability&) = default;
};

// Bits per second, as tc(8) means "mbit".
struct Rate {
  std::uint64_t bits_per_second = 0;
  friend bool operator==(const Rate&, const Rate&) = default;
};

// Bytes; "kB" is 1000 and "KiB" 1024 bytes.
struct ByteCount {
  std::uint64_t bytes = 0;
  friend bool operator==(const ByteCount&, const ByteCount&) = default;
};

// "50ms", "1.5s", "200us", "10ns", "2min", "1h"; a leading '-' is allowed.
// Empty when the text has no unit, an unknown one, or does not fit.
std::optional<Duration> ParseDuration(std::string_view text);

// "1.5%" with 0 <= value <= 100. Empty for anything else.
std::optional<Probability> ParseProbability(std::string_view text);

// "10mbit", "1gbit", "500kbit", "9600bit", as tc(8): decimal multiples.
std::optional<Rate> ParseRate(std::string_view text);

// "1500B", "64kB", "1MiB".
std::optional<ByteCount> ParseByteCount(std::string_view text);

// The shortest text with at most microsecond digits that a person would
// write: "5s", "5.132s", "41.4ms", "80us", "0s".
std::string Format(Duration duration);
std::string Format(Probability probability);
std::string Format(Rate rate);
std::string Format(ByteCount count);

}  // namespace finwait
