// Path, stays, segments and TCP_INFO of two ends.
#include "compare/compare_endpoint.h"

#include <map>
#include <tuple>
#include <utility>

#include "compare/alignment.h"
#include "compare/segments.h"
#include "judge/duration.h"
#include "judge/wording.h"

namespace finwait::compare {
namespace {

using tcp::TcpState;

// The two ends, and where what is not the same goes.
struct Ends {
  const Endpoint& a;
  const Endpoint& b;
  const Comparing& comparing;
  std::vector<Difference>& found;

  Difference About(const std::string& what) const {
    return {.subject = a.host + " " + a.connection + ": " + what,
            .line = a.line,
            .host = a.host,
            .connection = a.connection};
  }
};

void Differ(const Ends& ends, Difference where, std::string a, std::string b,
            std::string why = "") {
  where.a = std::move(a);
  where.b = std::move(b);
  where.why = std::move(why);
  ends.found.push_back(std::move(where));
}

// --- stays -------------------------------------------------------------------

std::string LengthText(const Stay& stay) {
  return (stay.length.open ? "there for the last " : "lasted ") +
         judge::ToString(stay.length);
}

Figure FigureOf(const Stay& stay) {
  return {stay.length, stay.silence ? 0 : stay.timers};
}

void CompareLength(const Stay& a, const Stay& b, const Ends& ends,
                   const Difference& where) {
  if (a.state == TcpState::kClosed) return;
  const Comparing& with = ends.comparing;
  std::optional<std::string> why;
  if (a.length.open != b.length.open) {
    why = "one ended, the other did not";
  } else if (!a.length.open) {
    why = WhyApart(FigureOf(a), with.at_a, FigureOf(b), with.at_b);
  }
  if (why) Differ(ends, where, LengthText(a), LengthText(b), *why);
}

void CompareSilence(const Stay& a, const Stay& b, const Ends& ends,
                    const Difference& where) {
  if (!a.silence || !b.silence) return;
  const auto figure = [](const Stay& stay) {
    return Figure{{*stay.silence, *stay.silence, *stay.silence}, stay.timers};
  };
  const auto why =
      WhyApart(figure(a), ends.comparing.at_a, figure(b), ends.comparing.at_b);
  if (!why) return;
  Differ(ends, where, "ended by its timer after " + Format(*a.silence),
         "after " + Format(*b.silence), *why);
}

void CompareArmed(const Stay& a, const Stay& b, const Ends& ends,
                  const Difference& where) {
  if (!a.armed || !b.armed) return;
  const auto why = WhyArmedApart(*a.armed, ends.comparing.at_a, *b.armed,
                                 ends.comparing.at_b);
  if (!why) return;
  Differ(ends, where, "its timer armed with " + Format(*a.armed),
         "with " + Format(*b.armed), *why);
}

std::string OwnedText(bool orphan) { return orphan ? "an orphan" : "owned"; }

std::string KindsText(const Stay& stay) {
  std::string text;
  for (const tcp::TimerKind kind : stay.timer_kinds) {
    text += (text.empty() ? "" : ", then ") + std::string(judge::Name(kind));
  }
  return text + " timer";
}

void CompareLooks(const Stay& a, const Stay& b, const Ends& ends,
                  const Difference& where) {
  if (a.orphan && b.orphan && *a.orphan != *b.orphan) {
    Differ(ends, where, OwnedText(*a.orphan), OwnedText(*b.orphan));
  }
  const bool known = !a.timer_kinds.empty() && !b.timer_kinds.empty();
  if (known && a.timer_kinds != b.timer_kinds) {
    Differ(ends, where, KindsText(a), KindsText(b));
  }
}

void CompareCause(const Stay& a, const Stay& b, const Ends& ends,
                  const Difference& where) {
  if (a.cause.empty() || b.cause.empty() || a.cause == b.cause) return;
  Differ(ends, where, "entered by \"" + a.cause + "\"",
         "by \"" + b.cause + "\"");
}

void ComparePath(const std::vector<Aligned>& aligned, const Ends& ends) {
  for (const Aligned& pair : aligned) {
    if (pair.a && pair.b) continue;
    Difference where = ends.About("path");
    where.stay_a = pair.a;
    where.stay_b = pair.b;
    Differ(ends, where, PathText(ends.a), PathText(ends.b));
    return;
  }
}

void CompareStays(const Ends& ends) {
  const auto aligned = AlignBy(ends.a.stays, ends.b.stays,
                               [](const Stay& s) { return s.state; });
  ComparePath(aligned, ends);
  std::map<TcpState, int> seen;
  for (const auto& [n_a, n_b] : aligned) {
    if (!n_a || !n_b) continue;
    const Stay& a = ends.a.stays[*n_a];
    const Stay& b = ends.b.stays[*n_b];
    const int occurrence = ++seen[a.state];
    Difference where =
        ends.About((occurrence > 1 ? judge::Ordinal(occurrence) + " " : "") +
                   std::string(Name(a.state)));
    where.stay_a = n_a;
    where.stay_b = n_b;
    if (a.line > 0) where.line = a.line;
    CompareCause(a, b, ends, where);
    CompareLength(a, b, ends, where);
    CompareSilence(a, b, ends, where);
    CompareArmed(a, b, ends, where);
    CompareLooks(a, b, ends, where);
  }
}

// --- segments ----------------------------------------------------------------

void CompareGap(const Segment& a, const Segment& b, const Ends& ends,
                const Difference& where) {
  const auto figure = [](const Segment& segment) {
    const Duration gap = segment.after;
    return Figure{{gap, gap, gap}, segment.again ? 1 : 0};
  };
  const auto why =
      WhyApart(figure(a), ends.comparing.at_a, figure(b), ends.comparing.at_b);
  if (!why) return;
  Differ(ends, where, Format(a.after) + " after the one before",
         Format(b.after) + " after", *why);
}

// A gap is compared only if both ends saw the segment that it begins with.
void CompareSegments(const Ends& ends) {
  const auto aligned = AlignBy(ends.a.segments, ends.b.segments, KindOf);
  std::map<std::string, int> seen;
  bool both_before = false;
  for (const auto& [n_a, n_b] : aligned) {
    const Segment* a = n_a ? &ends.a.segments[*n_a] : nullptr;
    const Segment* b = n_b ? &ends.b.segments[*n_b] : nullptr;
    const std::string kind = KindOf(a ? *a : *b);
    const int occurrence = ++seen[kind];
    Difference where = ends.About(
        occurrence > 1 ? kind + " (" + judge::Ordinal(occurrence) + ")" : kind);
    if (a && a->line > 0) where.line = a->line;
    if (!a || !b) {
      Differ(ends, where, a ? "seen" : "not seen", b ? "seen" : "not seen");
    } else if (both_before) {
      CompareGap(*a, *b, ends, where);
    }
    both_before = a && b;
  }
}

// --- the rest ----------------------------------------------------------------

void CompareInfo(const Ends& ends) {
  const Comparing& with = ends.comparing;
  const auto& [a, b] = std::tie(ends.a, ends.b);
  if (a.rto && b.rto) {
    const auto why = WhyRtosApart(*a.rto, with.at_a, *b.rto, with.at_b);
    if (why) {
      Differ(ends, ends.About("rto"), Format(*a.rto), Format(*b.rto), *why);
    }
  }
  if (a.info.empty() || b.info.empty()) return;
  CompareCounts(ends.About("").subject, a.info, b.info, with, ends.found);
}

void CompareMembers(const Ends& ends) {
  const std::int64_t a = ends.a.members.value;
  const std::int64_t b = ends.b.members.value;
  if (ends.comparing.Same(a, b)) return;
  Difference where = ends.About("how many " + PathText(ends.a));
  if (ends.a.members.line > 0) where.line = ends.a.members.line;
  Differ(ends, where, std::to_string(a), std::to_string(b));
}

}  // namespace

std::string PathText(const Endpoint& endpoint) {
  std::vector<TcpState> path;
  for (const Stay& stay : endpoint.stays) path.push_back(stay.state);
  return judge::PathText(path);
}

void CompareEndpoint(const Endpoint& a, const Endpoint& b,
                     const Comparing& comparing,
                     std::vector<Difference>& found) {
  const Ends ends{a, b, comparing, found};
  CompareMembers(ends);
  CompareStays(ends);
  CompareSegments(ends);
  if (!a.totals.empty() && !b.totals.empty()) {
    CompareCounts(ends.About("").subject, a.totals, b.totals, comparing, found);
  }
  CompareInfo(ends);
}

}  // namespace finwait::compare
