// The ladders of linux_timing.h: what is sent into the void, and until when.
#include <algorithm>
#include <bit>
#include <cstdint>

#include "tcp/linux_timing.h"

namespace finwait::tcp {
namespace {

// A socket's way up its ladder, one timer after the other.
class Climb {
 public:
  explicit Climb(int hz) : hz_(hz) {}

  Duration now() const { return now_; }

  void Wait(Duration stage) {
    ladder_.chain.stages.push_back(stage);
    now_ += stage;
    lateness_ += WheelLateness(stage, hz_);
    least_ += LeastWait(stage);
  }

  void Retransmit() { ladder_.retransmissions.push_back(now_); }

  // From here on the kernel counts the time towards its limit.
  void StartClock() {
    started_ = now_;
    lateness_ = {};
    least_ = {};
  }

  Duration elapsed() const { return now_ - started_; }

  // Is the limit reached at this rung, in every phase of the wheel? Notes when
  // it is in some. A jiffy is allowed for the part of one that has passed when
  // the clock is started.
  bool Reaches(Duration limit) {
    if (elapsed() + lateness_ >= limit) {
      Duration end = started_ + std::max(limit, elapsed());
      earliest_ = std::min(end, earliest_.value_or(end));
    }
    return least_ - Jiffy(hz_) >= limit;
  }

  // The next timer under TCP_USER_TIMEOUT, if it is set: never beyond it, and
  // one jiffy once it has passed. (tcp_clamp_rto_to_user_timeout().)
  Duration Clamp(Duration rto, std::optional<Duration> user_timeout) const {
    if (!user_timeout) return rto;
    Duration remaining = *user_timeout - elapsed();
    if (remaining <= Duration::zero()) return Jiffy(hz_);
    return std::min(rto, RoundUpToJiffies(remaining, hz_));
  }

  Ladder Die() {
    ladder_.death = now_;
    ladder_.earliest_death = earliest_.value_or(now_);
    return ladder_;
  }

 private:
  // The shortest that the wheel makes of `stage`. A timer ends on a multiple
  // of its level's granularity, so one that is armed by another starts on a
  // multiple of that one's, and what both have in common is certain: 1 s after
  // 1 s is 1.024 s at 250 Hz in every phase.
  Duration LeastWait(Duration stage) {
    std::int64_t granularity = ToJiffies(WheelLateness(stage, hz_), hz_);
    std::int64_t common = std::min(granularity, aligned_);
    aligned_ = granularity;
    return FromJiffies((ToJiffies(stage, hz_) / common + 1) * common, hz_);
  }

  int hz_;
  Ladder ladder_;
  Duration now_{};
  Duration started_{};
  Duration lateness_{};       // at most, since the clock was started
  Duration least_{};          // the shortest that it has taken since
  std::int64_t aligned_ = 1;  // now is a multiple of so many jiffies
  std::optional<Duration> earliest_;
};

// When the tail loss probe of a single outstanding segment goes out.
// (tcp_output.c tcp_schedule_loss_probe().)
Duration ProbeTimeout(const RetransmissionInputs& inputs, Duration rto,
                      int hz) {
  Duration timeout = 2 * inputs.srtt + inputs.rto_min;
  return std::min(RoundUpToJiffies(timeout, hz), rto);
}

// The ladder of an established connection. `retries(rto)` is the number of
// retries allowed at a timeout that came after `rto`.
template <typename Retries>
Ladder ClimbToLimit(const RetransmissionInputs& inputs, int hz,
                    Retries retries) {
  Climb climb(hz);
  Duration rto = std::max(RoundUpToJiffies(inputs.rto, hz), Jiffy(hz));
  if (inputs.tail_loss_probe) {
    climb.Wait(ProbeTimeout(inputs, rto, hz));
    climb.Retransmit();
  }
  // The first timeout only retransmits: retransmits_timed_out() is false
  // without an earlier one, and counts from this one's retrans_stamp.
  climb.Wait(rto);
  climb.Retransmit();
  climb.StartClock();
  for (;;) {
    rto = std::min(2 * rto, inputs.rto_max);
    climb.Wait(climb.Clamp(rto, inputs.user_timeout));
    Duration limit = inputs.user_timeout.value_or(
        ModelTimeout(retries(rto), kRtoMin, inputs.rto_max));
    if (climb.Reaches(limit)) return climb.Die();
    climb.Retransmit();
  }
}

}  // namespace

Duration ModelTimeout(int boundary, Duration rto_base, Duration rto_max) {
  auto ratio = static_cast<std::uint64_t>(rto_max / rto_base);
  int doublings = std::max(static_cast<int>(std::bit_width(ratio)) - 1, 0);
  int doubled = std::min(boundary, doublings);
  std::int64_t multiple = (std::int64_t{2} << doubled) - 1;
  return multiple * rto_base + (boundary - doubled) * rto_max;
}

Ladder OrphanRetries(int orphan_retries, const RetransmissionInputs& inputs,
                     int hz) {
  return ClimbToLimit(inputs, hz, [&](Duration rto) {
    bool alive = rto < inputs.rto_max;
    return orphan_retries == 0 && alive ? 8 : orphan_retries;
  });
}

Ladder Retries2(int retries2, const RetransmissionInputs& inputs, int hz) {
  return ClimbToLimit(inputs, hz, [&](Duration) { return retries2; });
}

Ladder SynRetries(int retries, int linear, int hz,
                  std::optional<Duration> user_timeout, Duration rto_max) {
  Climb climb(hz);
  // The clock starts with the first SYN (tcp_connect() sets retrans_stamp),
  // but the first timeout neither looks at it nor is clamped.
  Duration limit =
      user_timeout.value_or(ModelTimeout(retries, kInitialRto, rto_max));
  Duration rto = kInitialRto;
  climb.Wait(rto);
  for (int sent = 0;; ++sent) {
    if (sent >= retries + linear) return climb.Die();
    if (sent > 0 && climb.Reaches(limit)) return climb.Die();
    climb.Retransmit();
    if (sent >= linear) rto = std::min(2 * rto, rto_max);
    climb.Wait(climb.Clamp(rto, user_timeout));
  }
}

Ladder SynackRetries(int retries, int hz) {
  Climb climb(hz);
  Duration timeout = kInitialRto;
  for (int sent = 0; sent < retries; ++sent) {
    climb.Wait(timeout);
    climb.Retransmit();
    timeout = std::min(2 * timeout, kRtoMax);
  }
  climb.Wait(timeout);
  return climb.Die();
}

Ladder Keepalive(const KeepaliveInputs& inputs, int hz) {
  Climb climb(hz);
  climb.Wait(inputs.idle);
  for (int probes = 0;; ++probes) {
    bool enough = inputs.user_timeout
                      ? probes > 0 && climb.Reaches(*inputs.user_timeout)
                      : probes >= inputs.probes;
    if (enough) return climb.Die();
    climb.Retransmit();
    // The sysctl may be 0; a timer waits for the next jiffy at least.
    climb.Wait(std::max(inputs.interval, Jiffy(hz)));
  }
}

}  // namespace finwait::tcp
