// What lengths of time an expectation allows, and whether a measured one is
// allowed (docs/time-and-tolerance.md). Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "judge/judge.h"
#include "judge/stay.h"
#include "judge/verdict.h"
#include "scenario/expectation.h"
#include "tcp/formula.h"
#include "tcp/timeline.h"

namespace finwait::judge {

// Why something cannot be judged.
struct Unknown {
  Verdict verdict = Verdict::kUnsupported;
  std::string why;
};

// A span with its numbers, or why it has none.
struct SpanValue {
  tcp::TimerChain chain;
  Duration earliest{};      // the nominal sum, or less (tcp/formula.h)
  Duration more{};          // beyond the nominal sum (tcp/formula.h)
  std::string explanation;  // empty for a plain duration
  std::optional<Unknown> unknown;
};

// Computes a span for `endpoint`. A sysctl this kernel lacks makes it
// unsupported, a socket nobody looked at makes it broken.
SpanValue Evaluate(const scenario::Span& span,
                   const tcp::EndpointTimeline& endpoint,
                   const Environment& environment);

// The lengths that are right, inclusive; an absent bound is infinite.
struct Allowed {
  std::optional<Duration> lower;
  std::optional<Duration> upper;
  std::string formula;  // how the bounds came about, with the numbers
  std::optional<Unknown> unknown;
  // How many timers make this length; 0 where a person named the bounds.
  std::size_t timers = 0;
};

// How long a state may last. Not for kToTheEnd, which is no matter of length.
Allowed AllowedLength(const scenario::Lasts& lasts,
                      const tcp::EndpointTimeline& endpoint,
                      const Environment& environment);

// What a freshly armed timer may show: no lateness yet, a jiffy either way.
Allowed AllowedTimer(const scenario::Lasts& lasts,
                     const tcp::EndpointTimeline& endpoint,
                     const Environment& environment);

// What a busy machine does to timers is not TCP's doing: the softirq in which
// they fire comes late, and so does the tick that counts the jiffies by which
// they are armed. So much is allowed for a softirq where nothing told of later
// ones.
inline constexpr Duration kLateSoftirq = std::chrono::milliseconds(10);

// By how much a timer may have been late in a run, or too early because it was
// armed by an old count. In virtual time, which stands still while a machine is
// busy, neither.
struct Lateness {
  Duration timer{};
  Duration tick{};
};
Lateness LatenessOf(const tcp::Timeline& timeline,
                    const Environment& environment);

// "the machine was late: a timer by 50.8ms, a tick by 20.4ms"; empty if by no
// more than is always allowed.
std::string Describe(const Lateness& late);

// Widens what its timers allow by that. Of `told` of them the lateness is known
// and was taken off already.
void AllowForMachine(Allowed& allowed, std::size_t told,
                     const tcp::Timeline& timeline,
                     const Environment& environment);

struct Comparison {
  Verdict verdict = Verdict::kPass;
  std::optional<Duration> margin;
  std::string remark;  // "1.74s too long"; empty when all is well
};

// All of the interval inside the allowed range passes, all of it outside
// fails. One that straddles a bound says nothing: too imprecise, broken.
Comparison Compare(const Interval& measured, const Allowed& allowed);

// "5.132s (5.1315s to 5.1322s)", without the brackets where they say nothing.
std::string ToString(const Interval& interval);

}  // namespace finwait::judge
