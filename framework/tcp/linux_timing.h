// The kernel's own arithmetic of TCP timers, as pure functions.
//
// Every function names the kernel function it restates. "Nominal" durations
// are what the kernel asks its timers for; the timer wheel adds lateness on
// top, WheelLateness() at most, once per timer in a chain. Values were checked
// against Linux 5.10, 6.1, 6.12 and 7.3 and measured on 6.18.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/units.h"

namespace finwait::tcp {

// TIME_WAIT's length and the split point of FIN_WAIT2 (TCP_TIMEWAIT_LEN,
// include/net/tcp.h). Not configurable.
inline constexpr Duration kTimeWaitLength = std::chrono::seconds(60);
// TCP_FIN_TIMEOUT_MAX: the cap of TCP_LINGER2.
inline constexpr Duration kLinger2Max = std::chrono::seconds(120);
// TCP_RTO_MIN, TCP_RTO_MAX, TCP_TIMEOUT_INIT.
inline constexpr Duration kRtoMin = std::chrono::milliseconds(200);
inline constexpr Duration kRtoMax = std::chrono::seconds(120);
inline constexpr Duration kInitialRto = std::chrono::seconds(1);

inline constexpr Duration kLongestJiffy =
    std::chrono::milliseconds(10);  // at HZ=100

Duration Jiffy(int hz);
std::int64_t ToJiffies(Duration duration, int hz);  // rounded up
Duration FromJiffies(std::int64_t jiffies, int hz);

// `duration` in jiffies, rounded up, as usecs_to_jiffies() does.
Duration RoundUpToJiffies(Duration duration, int hz);

// The granularity of the timer-wheel level that a timer armed for `nominal`
// goes to: it fires late by more than 0 and at most this.
// (Linux: kernel/time/timer.c calc_wheel_index().)
Duration WheelLateness(Duration nominal, int hz);

// The jiffy in which a timer fires that is armed at jiffy `now` for `expires`:
// the end of its slot (Linux: kernel/time/timer.c calc_wheel_index()).
std::uint64_t WheelSlot(std::uint64_t expires, std::uint64_t now);

// A chain of timers armed one after the other, each with its own lateness.
struct TimerChain {
  std::vector<Duration> stages;

  Duration nominal() const;         // the sum of the stages
  Duration lateness(int hz) const;  // the sum of WheelLateness
};

// What tcp_fin_time() needs (Linux: include/net/tcp.h).
struct FinWait2Inputs {
  Duration fin_timeout = std::chrono::seconds(60);  // the sysctl
  std::optional<Duration> linger2;  // TCP_LINGER2 > 0; 0 means unset
  Duration rto = std::chrono::milliseconds(204);  // after the FIN's ACK
};

// 3.5 * RTO in the kernel's integer form (rto << 2) - (rto >> 1).
Duration FinWait2Floor(Duration rto, int hz);

// tcp_fin_time(): max(linger2 ?: fin_timeout, 3.5 * RTO).
Duration FinTime(const FinWait2Inputs& inputs, int hz);

// How long an orphan's FIN_WAIT2 lasts. Up to 60 s one timewait minisock of
// FinTime(). Above, a full orphan for FinTime() - 60 s (keepalive timer) and
// then a minisock for FinTime() - 60 s again, at least 3.5 * RTO: 61 s last
// 2 s. (Linux: tcp_input.c tcp_rcv_state_process(), tcp.c __tcp_close(),
// tcp_timer.c tcp_keepalive_timer(), tcp_minisocks.c tcp_time_wait().)
TimerChain OrphanFinWait2(const FinWait2Inputs& inputs, int hz);

// tcp_model_timeout(): the time `boundary` exponential retransmissions from
// `rto_base` take, linear from rto_max on.
Duration ModelTimeout(int boundary, Duration rto_base = kRtoMin,
                      Duration rto_max = kRtoMax);

// A ladder of retransmissions: when each is sent and when the socket dies,
// as offsets from the first transmission. Nominal; one wheel lateness per
// rung adds up.
struct Ladder {
  std::vector<Duration> retransmissions;
  Duration death{};
  // The lower bound. More than `death` where the last rung is due before the
  // limit and reaches it only because the wheel fires every rung late; less
  // where it depends on the wheel's phase whether the rung before it does.
  Duration earliest_death{};
  // Timers in the chain up to `death`, for the lateness of each.
  TimerChain chain;
};

struct RetransmissionInputs {
  Duration rto = std::chrono::milliseconds(204);
  Duration srtt{};
  bool tail_loss_probe = true;  // SACK and tcp_early_retrans: default
  Duration rto_min = kRtoMin;   // tcp_rto_min_us: only the probe depends on it
  Duration rto_max = kRtoMax;   // tcp_rto_max_ms
  std::optional<Duration> user_timeout;  // TCP_USER_TIMEOUT > 0
};

// A lone FIN of an orphan into the void. orphan_retries 0 counts as 8 while
// the RTO is below rto_max. The limit is ModelTimeout(orphan_retries), or
// user_timeout where that is set; it counts from the first RTO retransmission
// (t1), and the socket dies at the first later timeout that finds it reached.
// (Linux: tcp_timer.c tcp_orphan_retries(), tcp_write_timeout(),
// retransmits_timed_out(); tcp_output.c tcp_schedule_loss_probe().)
Ladder OrphanRetries(int orphan_retries, const RetransmissionInputs& inputs,
                     int hz);

// One segment of data, or the FIN of an owned socket, into the void: the same
// with tcp_retries2, where 0 is 0.
Ladder Retries2(int retries2, const RetransmissionInputs& inputs, int hz);

// A SYN into the void: `linear` retransmissions 1 s apart come first
// (tcp_syn_linear_timeouts, 0 before 6.5), then `retries` doubling ones. It
// ends sooner when 2^(retries+1) - 1 seconds have passed since the first SYN,
// so 2 retries with 4 linear ones give up after 7 s, not 11 s; measured on
// 6.18. (tcp_timer.c tcp_retransmit_timer(), tcp_write_timeout().)
Ladder SynRetries(int retries, int linear, int hz,
                  std::optional<Duration> user_timeout = std::nullopt,
                  Duration rto_max = kRtoMax);

// A SYN|ACK that is never acknowledged: 2^(retries+1) - 1 seconds
// (inet_connection_sock.c reqsk_timer_handler()).
Ladder SynackRetries(int retries, int hz);

struct KeepaliveInputs {
  Duration idle = std::chrono::hours(2);
  Duration interval = std::chrono::seconds(75);
  int probes = 9;
  // TCP_USER_TIMEOUT > 0 replaces the number of probes.
  std::optional<Duration> user_timeout;
};

// From the last segment to the abort of a connection whose peer is silent
// (tcp_timer.c tcp_keepalive_timer()).
Ladder Keepalive(const KeepaliveInputs& inputs, int hz);

}  // namespace finwait::tcp
