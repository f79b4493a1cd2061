// Reads /proc/timer_list.
#include "observe/jiffy_clock.h"

#include <charconv>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>

#include "tcp/linux_timing.h"

namespace finwait::observe {
namespace {

// The number that follows the first `label` in `text` from `from` on.
std::optional<std::int64_t> NumberAfter(std::string_view text,
                                        std::string_view label,
                                        std::size_t from = 0) {
  const std::size_t found = text.find(label, from);
  if (found == std::string_view::npos) return std::nullopt;
  const char* begin = text.data() + found + label.size();
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(begin, text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

// When the next tick comes, in ns.
std::optional<std::int64_t> NextTick(std::string_view text) {
  for (const std::string_view handler :
       {", tick_nohz_handler,", ", tick_sched_timer,"}) {
    const std::size_t found = text.find(handler);
    if (found == std::string_view::npos) continue;
    return NumberAfter(text, "# expires at ", found);
  }
  return std::nullopt;
}

std::int64_t FloorDivide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

std::optional<JiffyClock> JiffyClock::In(std::string_view text,
                                         Duration jiffy) {
  constexpr std::string_view kNow = "\nnow at ";
  const auto begin = NumberAfter(text, kNow);
  const auto end = NumberAfter(text, kNow, text.rfind(kNow));
  const auto jiffies = NumberAfter(text, "\njiffies: ");
  const auto tick = NextTick(text);
  if (!begin || !end || !jiffies || !tick) return std::nullopt;
  // In ticks from the next one: -1 is the current one.
  const std::int64_t current = FloorDivide(*begin - *tick, jiffy.count());
  if (current != FloorDivide(*end - *tick, jiffy.count())) return std::nullopt;
  return JiffyClock(static_cast<std::uint64_t>(*jiffies),
                    TimePoint(Duration(*tick) + current * jiffy), jiffy);
}

std::optional<JiffyClock> JiffyClock::Read() {
  std::ifstream file("/proc/timer_list");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return In(text, tcp::Jiffy(KernelHz()));
}

std::uint64_t JiffyClock::At(TimePoint time) const {
  return jiffies_ + static_cast<std::uint64_t>(
                        FloorDivide((time - tick_).count(), jiffy_.count()));
}

TimePoint JiffyClock::TickOf(std::uint64_t jiffies) const {
  return tick_ + static_cast<std::int64_t>(jiffies - jiffies_) * jiffy_;
}

}  // namespace finwait::observe
