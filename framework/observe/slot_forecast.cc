#include "observe/slot_forecast.h"

#include "tcp/linux_timing.h"

namespace finwait::observe {
namespace {

// Closer than that, halving what is left makes no sense.
constexpr Duration kNear = std::chrono::milliseconds(10);

// The last look but one: for the case that the last comes too late.
constexpr Duration kSoon = std::chrono::milliseconds(1);

// Of a second's jiffies; both are whole numbers of milliseconds at all usual
// frequencies but 300 Hz, where idiag_expires is rounded down to them.
std::uint64_t InJiffies(Duration duration, Duration jiffy) {
  return static_cast<std::uint64_t>((duration + jiffy - Duration(1)) / jiffy);
}

}  // namespace

std::optional<TimePoint> SlotForecast::OnLook(const tcp::Sample& look,
                                              const JiffyClock& clock) {
  if (!look.facts || look.facts->timer == tcp::TimerKind::kOff) return {};
  const std::uint64_t now = clock.At(look.before);
  if (clock.At(look.after) != now) return {};
  const Duration left = look.facts->expires;
  // What is overdue tells no more when it expired.
  if (left > Duration::zero()) {
    const std::uint64_t expires = now + InJiffies(left, clock.jiffy());
    if (expires != expires_) slot_ = tcp::WheelSlot(expires, now);
    expires_ = expires;
  }
  if (slot_ <= now) return {};
  return clock.TickOf(slot_);
}

TimePoint LookAround(TimePoint slot, TimePoint looked, Duration margin) {
  const Duration left = slot - looked;
  if (left > kNear) return looked + left / 2;
  if (left > kSoon && kSoon > margin) return slot - kSoon;
  if (left > margin) return slot - margin;
  return slot;
}

}  // namespace finwait::observe
