// The timer wheel, and the timers that end FIN_WAIT2.
#include "tcp/linux_timing.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace finwait::tcp {
namespace {

// Linux: kernel/time/timer.c LVL_BITS, LVL_CLK_SHIFT and LVL_DEPTH. A level
// holds 64 slots, each 8 times as wide as those of the level below; the
// deepest level's reach (over a month) exceeds every TCP timer.
constexpr std::int64_t kUsableSlots = 63;
constexpr int kLevelFactor = 8;
constexpr int kLevels = 8;

// The width in jiffies of the slots that a timer `delta` jiffies away is in.
std::int64_t SlotWidth(std::int64_t delta) {
  std::int64_t width = 1;
  for (int level = 0; level < kLevels; ++level) {
    if (delta < kUsableSlots * width) break;
    width *= kLevelFactor;
  }
  return width;
}

}  // namespace

Duration Jiffy(int hz) { return FromJiffies(1, hz); }

// Seconds apart, so that 5 s are 1500 jiffies at 300 Hz although a jiffy is no
// whole number of nanoseconds there.
std::int64_t ToJiffies(Duration duration, int hz) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t seconds = duration.count() / kSecond;
  std::int64_t rest = duration.count() % kSecond;
  return seconds * hz + (rest * hz + kSecond - 1) / kSecond;
}

Duration FromJiffies(std::int64_t jiffies, int hz) {
  using std::chrono::seconds;
  return seconds(jiffies / hz) + Duration(seconds(jiffies % hz)) / hz;
}

Duration RoundUpToJiffies(Duration duration, int hz) {
  return FromJiffies(ToJiffies(duration, hz), hz);
}

Duration WheelLateness(Duration nominal, int hz) {
  return FromJiffies(SlotWidth(ToJiffies(nominal, hz)), hz);
}

std::uint64_t WheelSlot(std::uint64_t expires, std::uint64_t now) {
  const auto delta = static_cast<std::int64_t>(expires - now);
  const auto width = static_cast<std::uint64_t>(SlotWidth(delta));
  return (expires / width + 1) * width;
}

Duration TimerChain::nominal() const {
  return std::accumulate(stages.begin(), stages.end(), Duration::zero());
}

Duration TimerChain::lateness(int hz) const {
  Duration sum{};
  for (Duration stage : stages) sum += WheelLateness(stage, hz);
  return sum;
}

Duration FinWait2Floor(Duration rto, int hz) {
  std::int64_t jiffies = ToJiffies(rto, hz);
  return FromJiffies((jiffies << 2) - (jiffies >> 1), hz);
}

Duration FinTime(const FinWait2Inputs& inputs, int hz) {
  Duration linger2 = inputs.linger2.value_or(Duration::zero());
  Duration wanted = linger2 == Duration::zero()
                        ? inputs.fin_timeout
                        : std::min(linger2, kLinger2Max);
  return std::max(wanted, FinWait2Floor(inputs.rto, hz));
}

TimerChain OrphanFinWait2(const FinWait2Inputs& inputs, int hz) {
  Duration whole = FinTime(inputs, hz);
  if (whole <= kTimeWaitLength) return {{whole}};
  // tcp_time_wait() applies the floor to its argument once more, so above
  // 60 s of 3.5 * RTO the second stage is the longer one.
  Duration beyond = whole - kTimeWaitLength;
  return {{beyond, std::max(beyond, FinWait2Floor(inputs.rto, hz))}};
}

}  // namespace finwait::tcp
