// Compares measured lengths with what the kernel's timers allow.
#include "judge/duration.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "tcp/linux_timing.h"

namespace finwait::judge {
namespace {

using Kind = scenario::Lasts::Kind;

std::optional<std::int64_t> FindSysctl(const Environment& environment,
                                       const std::string& host,
                                       std::string_view name) {
  auto of_host = environment.sysctls.find(host);
  if (of_host == environment.sysctls.end()) return std::nullopt;
  auto value = of_host->second.find(std::string(name));
  if (value == of_host->second.end()) return std::nullopt;
  return value->second;
}

// The first question without an answer is the one that stopped the formula,
// but a formula may also ask for what old kernels lack and do without it: so
// all of them are named.
Unknown WhyNot(const std::string& formula, bool has_info,
               const std::vector<std::string>& missing) {
  std::string why = formula + " cannot be computed: ";
  if (!has_info) {
    return {Verdict::kBroken,
            why + "nobody saw the socket's TCP_INFO in this run"};
  }
  if (missing.empty()) {
    return {Verdict::kUnsupported,
            why + "a socket option that it depends on is not set"};
  }
  std::string names;
  for (const std::string& name : missing) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return {Verdict::kUnsupported, why + "this kernel has no " + names};
}

SpanValue EvaluateFormula(const std::string& name,
                          const tcp::EndpointTimeline& endpoint,
                          const Environment& environment) {
  std::vector<std::string> missing;
  tcp::FormulaInputs inputs;
  inputs.hz = environment.hz;
  inputs.options = endpoint.options;
  inputs.info = LastInfo(endpoint);
  inputs.sysctl = [&](std::string_view sysctl) {
    auto value = FindSysctl(environment, endpoint.host, sysctl);
    if (!value) missing.emplace_back(sysctl);
    return value;
  };
  SpanValue result;
  if (auto value = tcp::Evaluate(name, inputs)) {
    result.chain = std::move(value->chain);
    result.earliest = value->earliest;
    result.more = value->more;
    result.explanation = std::move(value->explanation);
  } else {
    // A missing sysctl weighs more than a missing look.
    bool has_info = inputs.info.has_value() || !missing.empty();
    result.unknown = WhyNot(name, has_info, missing);
  }
  return result;
}

// "allowed 5s to 5.26s: never early, at most 256ms late by the timer wheel ..."
std::string RangeText(const SpanValue& span, Duration wheel, int hz) {
  Duration jiffy = tcp::Jiffy(hz);
  std::string text = "allowed " + Format(span.earliest) + " to " +
                     Format(span.chain.nominal() + span.more + wheel + jiffy) +
                     ": never early, at most " + Format(wheel) +
                     " late by the timer wheel and " + Format(jiffy) +
                     " by the jiffy at " + std::to_string(hz) + " Hz";
  if (span.more == Duration::zero()) return text;
  return text + ", and " + Format(span.more) +
         " longer if the ACK of the FIN was delayed";
}

std::string Joined(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() ? a + b : a + "; " + b;
}

Allowed TimerRange(const SpanValue& span, int hz) {
  const Duration wheel = span.chain.lateness(hz);
  Allowed allowed;
  allowed.lower = span.earliest;
  allowed.upper = span.chain.nominal() + span.more + wheel + tcp::Jiffy(hz);
  allowed.formula = Joined(span.explanation, RangeText(span, wheel, hz));
  allowed.timers = span.chain.stages.size();
  return allowed;
}

// The bounds that a person named: no allowance on top.
Allowed NamedRange(Kind kind, const SpanValue& span, const SpanValue& upper) {
  Allowed allowed;
  allowed.formula = Joined(span.explanation, upper.explanation);
  if (kind == Kind::kAtMost) {
    allowed.upper = span.chain.nominal();
  } else {
    allowed.lower = span.earliest;
  }
  if (kind == Kind::kBetween) allowed.upper = upper.chain.nominal();
  return allowed;
}

// Negative outside.
Duration Margin(Duration figure, const Allowed& allowed) {
  Duration margin = Duration::max();
  if (allowed.lower) margin = std::min(margin, figure - *allowed.lower);
  if (allowed.upper) margin = std::min(margin, *allowed.upper - figure);
  return margin;
}

bool Overlaps(const Interval& measured, const Allowed& allowed) {
  return (!allowed.lower || measured.high >= *allowed.lower) &&
         (!allowed.upper || measured.low <= *allowed.upper);
}

bool Within(const Interval& measured, const Allowed& allowed) {
  return (!allowed.lower || measured.low >= *allowed.lower) &&
         (!allowed.upper || measured.high <= *allowed.upper);
}

// The bounds that lie within the measured interval.
std::string StraddleText(const Interval& measured, const Allowed& allowed) {
  std::string bounds;
  for (const auto& bound : {allowed.lower, allowed.upper}) {
    if (!bound || *bound < measured.low || *bound > measured.high) continue;
    bounds += (bounds.empty() ? "" : " and ") + Format(*bound);
  }
  return "too imprecise: the interval is " +
         Format(measured.high - measured.low) + " wide and straddles " + bounds;
}

Comparison CompareOpen(const Interval& measured, const Allowed& allowed) {
  if (!allowed.upper && measured.low >= *allowed.lower) {
    return {Verdict::kPass, measured.low - *allowed.lower, ""};
  }
  if (allowed.upper && measured.low > *allowed.upper) {
    return {Verdict::kFail, *allowed.upper - measured.low, ""};
  }
  if (!allowed.upper && measured.high > *allowed.lower) {
    return {Verdict::kBroken, std::nullopt, StraddleText(measured, allowed)};
  }
  return {Verdict::kFail, std::nullopt, "the run ended too early to tell"};
}

Comparison CompareOutside(const Interval& measured, const Allowed& allowed) {
  Duration margin = Margin(measured.best, allowed);
  bool early = allowed.lower && measured.high < *allowed.lower;
  return {Verdict::kFail, margin,
          Format(-margin) + (early ? " too short" : " too long")};
}

// What the tick's interrupt takes on a machine that is not busy.
constexpr Duration kPromptTick = std::chrono::milliseconds(1);

std::string ForEachOf(std::size_t timers) {
  return timers == 1 ? ""
                     : " for each of " + std::to_string(timers) + " timers";
}

}  // namespace

SpanValue Evaluate(const scenario::Span& span,
                   const tcp::EndpointTimeline& endpoint,
                   const Environment& environment) {
  if (!span.duration) {
    return EvaluateFormula(span.formula, endpoint, environment);
  }
  SpanValue plain;
  plain.chain.stages = {*span.duration};
  plain.earliest = *span.duration;
  return plain;
}

Allowed AllowedLength(const scenario::Lasts& lasts,
                      const tcp::EndpointTimeline& endpoint,
                      const Environment& environment) {
  SpanValue span = Evaluate(lasts.span, endpoint, environment);
  if (span.unknown) return {.unknown = span.unknown};
  if (lasts.kind == Kind::kTimer) return TimerRange(span, environment.hz);
  SpanValue upper;
  if (lasts.kind == Kind::kBetween) {
    upper = Evaluate(lasts.upper, endpoint, environment);
  }
  if (upper.unknown) return {.unknown = upper.unknown};
  return NamedRange(lasts.kind, span, upper);
}

Allowed AllowedTimer(const scenario::Lasts& lasts,
                     const tcp::EndpointTimeline& endpoint,
                     const Environment& environment) {
  Allowed allowed = AllowedLength(lasts, endpoint, environment);
  if (lasts.kind != Kind::kTimer || allowed.unknown) return allowed;
  SpanValue span = Evaluate(lasts.span, endpoint, environment);
  Duration jiffy = tcp::Jiffy(environment.hz);
  allowed.lower = span.chain.nominal() - jiffy;
  allowed.upper = span.chain.nominal() + span.more + jiffy;
  allowed.formula =
      Joined(span.explanation, "allowed " + Format(span.chain.nominal()) +
                                   " within a jiffy of " + Format(jiffy));
  return allowed;
}

Lateness LatenessOf(const tcp::Timeline& timeline,
                    const Environment& environment) {
  if (environment.virtual_time) return {};
  Lateness late{.timer = kLateSoftirq, .tick = {}};
  for (const tcp::SourceRecord& source : timeline.sources) {
    late.timer = std::max(late.timer, source.late_timer);
    if (source.late_tick < kPromptTick) continue;
    late.tick = std::max(late.tick, source.late_tick);
  }
  return late;
}

std::string Describe(const Lateness& late) {
  if (late.timer <= kLateSoftirq && late.tick == Duration::zero()) return "";
  return "the machine was late: a timer by " + Format(late.timer) +
         ", a tick by " + Format(late.tick);
}

void AllowForMachine(Allowed& allowed, std::size_t told,
                     const tcp::Timeline& timeline,
                     const Environment& environment) {
  const std::size_t timers = allowed.timers;
  const Lateness late = LatenessOf(timeline, environment);
  if (timers > 0 && late.tick > Duration::zero()) {
    *allowed.lower -= late.tick * timers;
    allowed.formula += "; " + Format(late.tick) + " less" + ForEachOf(timers) +
                       ", as the tick of this machine was that late";
  }
  const std::size_t untold = timers - std::min(told, timers);
  if (untold > 0 && late.timer > Duration::zero()) {
    *allowed.upper += late.timer * untold;
    allowed.formula += "; " + Format(late.timer) + " more" + ForEachOf(untold) +
                       (late.timer > kLateSoftirq
                            ? ", as a softirq of this machine was that late"
                            : ", as nobody told how late softirqs were");
  }
}

Comparison Compare(const Interval& measured, const Allowed& allowed) {
  if (measured.open) return CompareOpen(measured, allowed);
  if (!Overlaps(measured, allowed)) return CompareOutside(measured, allowed);
  if (!Within(measured, allowed)) {
    return {Verdict::kBroken, std::nullopt, StraddleText(measured, allowed)};
  }
  Duration margin = Margin(measured.best, allowed);
  return {Verdict::kPass, std::max(margin, Duration::zero()), ""};
}

std::string ToString(const Interval& interval) {
  std::string text = Format(interval.best);
  if (interval.high - interval.low < std::chrono::microseconds(1)) return text;
  return text + " (" + Format(interval.low) + " to " + Format(interval.high) +
         ")";
}

}  // namespace finwait::judge
