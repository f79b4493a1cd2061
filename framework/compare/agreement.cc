// The arithmetic of two runs.
#include "compare/agreement.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "tcp/linux_timing.h"

namespace finwait::compare {
namespace {

using std::chrono::milliseconds;

// Programs wait for their turn on a processor: with 16 cases side by side on
// two of them up to 0.4 s were seen.
constexpr Duration kLateProgram = milliseconds(500);

// A slot of the timer wheel is at most 8 of 63 parts as wide as what it was
// armed for (tcp::WheelLateness), and so are the slots of any chain of timers.
Duration AnyChainsLateness(Duration length) { return length * 8 / 63; }

// The least that a single timer was armed with which was over after `length`,
// when all but the wheel may have taken `slack`: by bisection, because the
// lateness grows with the request.
Duration LeastSingle(Duration length, Duration slack, int hz) {
  std::int64_t early = -1;
  std::int64_t enough = tcp::ToJiffies(length, hz);
  while (enough - early > 1) {
    const std::int64_t middle = early + (enough - early) / 2;
    const Duration request = tcp::FromJiffies(middle, hz);
    const Duration last = request + tcp::WheelLateness(request, hz) + slack;
    (last < length ? early : enough) = middle;
  }
  return tcp::FromJiffies(enough, hz);
}

// QEMU's clock counts the instructions of programs, too: 8 to 12 ms for cat.
constexpr Duration kRunningProgram = milliseconds(20);

// What is not the wheel's. Also in virtual time it depends on what else is
// played at which moment of a jiffy a timer is armed, and so does a delayed
// ACK, which no timer of the endpoint itself brings.
Duration Slack(const Figure& figure, const Conditions& where) {
  const Duration jiffy = tcp::Jiffy(where.hz);
  const bool own = figure.timers > 0;
  if (where.virtual_time) {
    const auto programs = static_cast<Duration::rep>(where.programs);
    return own ? jiffy : 2 * jiffy + programs * kRunningProgram;
  }
  return jiffy +
         (own ? figure.timers * where.late.timer : kLateProgram + where.pauses);
}

std::string RangeText(const Requested& range) {
  if (range.least == range.most) return Format(range.most);
  return Format(std::max(range.least, Duration())) + " to " +
         Format(range.most);
}

std::optional<std::string> WhyBeyond(Duration a, Duration b, Duration allowed,
                                     const std::string& because) {
  const Duration apart = a < b ? b - a : a - b;
  if (apart <= allowed) return std::nullopt;
  return Format(apart) + " apart, where " + because + " allows " +
         Format(allowed);
}

Duration CoarserJiffy(const Conditions& a, const Conditions& b) {
  return tcp::Jiffy(std::min(a.hz, b.hz));
}

}  // namespace

Conditions ConditionsOf(const Behaviour& behaviour) {
  return {.kernel = behaviour.kernel,
          .hz = behaviour.hz,
          .virtual_time = behaviour.virtual_time,
          .pauses = behaviour.pauses,
          .late = behaviour.late,
          .programs = behaviour.programs.size()};
}

Requested RequestBehind(const Figure& figure, const Conditions& where) {
  const Duration slack = Slack(figure, where);
  const judge::Interval& length = figure.length;
  Requested requested{.most = length.high + figure.timers * where.late.tick};
  if (figure.timers == 1) {
    requested.least = LeastSingle(length.low, slack, where.hz);
  } else {
    // Each timer of a chain may take another jiffy.
    const Duration jiffies = figure.timers * tcp::Jiffy(where.hz);
    requested.least =
        length.low - AnyChainsLateness(length.low) - jiffies - slack;
  }
  requested.least = std::clamp(requested.least, Duration(), requested.most);
  return requested;
}

std::optional<std::string> WhyApart(const Figure& a, const Conditions& at_a,
                                    const Figure& b, const Conditions& at_b) {
  Requested from_a = RequestBehind(a, at_a);
  Requested from_b = RequestBehind(b, at_b);
  if (at_a.hz != at_b.hz) {
    // The same milliseconds are rounded up to jiffies of another length.
    from_a.least -= tcp::Jiffy(at_a.hz);
    from_b.least -= tcp::Jiffy(at_b.hz);
  }
  if (from_a.least <= from_b.most && from_b.least <= from_a.most) {
    return std::nullopt;
  }
  return "no lateness explains it: A comes of " + RangeText(from_a) +
         ", B of " + RangeText(from_b);
}

std::optional<std::string> WhyArmedApart(Duration a, const Conditions& at_a,
                                         Duration b, const Conditions& at_b) {
  const Duration jiffy = CoarserJiffy(at_a, at_b);
  if (at_a.hz == at_b.hz) return WhyBeyond(a, b, jiffy, "a jiffy");
  // tcp_fin_time() takes 3.5 times an RTO that was rounded up to a jiffy.
  return WhyBeyond(a, b, jiffy * 7 / 2, "another length of the jiffy");
}

std::optional<std::string> WhyRtosApart(Duration a, const Conditions& at_a,
                                        Duration b, const Conditions& at_b) {
  const Duration jiffy = CoarserJiffy(at_a, at_b);
  const Duration round_trip =
      2 * jiffy + std::max(at_a.late.timer, at_b.late.timer);
  // The first round trip counts three times (tcp_rtt_estimator()); where it is
  // as long as that, a segment in it may have waited for a timer.
  const Duration shorter = std::min(a, b);
  const Duration waited =
      shorter < 3 * tcp::kRtoMin ? Duration() : AnyChainsLateness(shorter);
  return WhyBeyond(a, b, jiffy + 3 * round_trip + waited,
                   "the round trips behind it");
}

bool SameCount(std::int64_t a, std::int64_t b, std::int64_t members) {
  constexpr std::int64_t kOneOf = 20;
  return std::abs(a - b) <= members / kOneOf;
}

}  // namespace finwait::compare
