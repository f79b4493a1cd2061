// The whole result of one run, and the lines about it.
#include "report/terminal.h"

#include <algorithm>
#include <cstddef>

#include "base/units.h"
#include "judge/duration.h"
#include "report/chronicle.h"
#include "report/crowd.h"
#include "report/text.h"

namespace finwait::report {
namespace {

using judge::Finding;
using judge::Result;
using judge::Verdict;

// More connections than a person reads line by line.
constexpr std::size_t kCrowd = 16;

// The pass that came closest to failing, or null.
const Finding* Closest(const std::vector<Finding>& findings) {
  const Finding* closest = nullptr;
  for (const Finding& finding : findings) {
    if (finding.verdict != Verdict::kPass || !finding.margin) continue;
    if (!closest || *finding.margin < *closest->margin) closest = &finding;
  }
  return closest;
}

// The finding that made the verdict, or null.
const Finding* Decisive(const Result& result) {
  if (result.verdict == Verdict::kPass) return nullptr;
  for (const Finding& finding : result.findings) {
    if (finding.verdict == result.verdict) return &finding;
  }
  return nullptr;
}

// Why the verdict is what it is, in a few words.
std::string Gist(const Result& result) {
  if (const Finding* decisive = Decisive(result)) {
    return "  " + decisive->subject + ": " + decisive->actual;
  }
  if (!result.reason.empty()) return "  " + result.reason;
  const Finding* closest = Closest(result.findings);
  return closest ? "  (margin " + Format(*closest->margin) + ")" : "";
}

std::string LengthText(const tcp::Timeline& timeline) {
  // Tenths of a second: how long a run took is no measurement.
  Duration tenth = std::chrono::milliseconds(100);
  Duration length = timeline.end - timeline.begin + tenth / 2;
  return Format(length / tenth * tenth);
}

std::string TimelineText(const Result& result, const Style& style) {
  std::size_t endpoints = result.timeline.endpoints.size();
  if (endpoints > 2 * kCrowd) return Crowd(result.timeline, style);
  return Chronicle(result.timeline, style);
}

std::string HolesText(const Result& result, const Style& style) {
  std::string text;
  for (const auto& endpoint : result.timeline.endpoints) {
    if (endpoint.hole.empty()) continue;
    std::string lead = endpoint.host + " " + endpoint.connection +
                       " was not observed completely: ";
    text +=
        Fold("  " + lead, endpoint.hole, static_cast<std::size_t>(style.width));
  }
  return text;
}

std::string FailureText(const Result& result, const Finding& finding,
                        const Style& style) {
  std::string text = FindingText(finding, style);
  if (finding.around && !finding.connection.empty()) {
    text +=
        Excerpt(result.timeline, finding.connection, *finding.around, style);
  }
  return text + "\n";
}

std::string PassesText(const std::vector<Finding>& findings,
                       const Style& style) {
  std::string text;
  std::size_t passes = 0;
  for (const Finding& finding : findings) {
    if (finding.verdict != Verdict::kPass) continue;
    ++passes;
    if (style.verbose) text += FindingText(finding, style);
  }
  if (style.verbose || passes == 0) return text;
  text = Plural(passes, "expectation") + (passes == 1 ? " holds" : " hold");
  const Finding* closest = Closest(findings);
  if (!closest) return text + "\n";
  return text + "; the least margin is " + Format(*closest->margin) + ", of " +
         closest->subject + "\n";
}

std::string FindingsText(const Result& result, const Style& style) {
  std::string text;
  for (const Finding& finding : result.findings) {
    if (finding.verdict == Verdict::kPass) continue;
    text += FailureText(result, finding, style);
  }
  return text + PassesText(result.findings, style);
}

std::string BlameText(const Result& result, const Style& style) {
  bool wanted = style.explain || result.verdict != Verdict::kPass;
  if (!wanted || result.blame.empty()) return "";
  std::string text =
      "\n" + Paint("Not closed when the run ended", Color::kBold, style) + "\n";
  for (const std::string& sentence : result.blame) {
    text += Fold("  - ", sentence, static_cast<std::size_t>(style.width));
  }
  return text;
}

// Who told, who lost something, and in full also who was missing and why. How
// late the machine was, where that may explain anything.
std::string SourcesText(const Result& result, bool verbose) {
  std::string used;
  std::string trouble;
  for (const tcp::SourceRecord& source : result.timeline.sources) {
    if (source.used) used += (used.empty() ? "" : ", ") + source.name;
    if (source.lost > 0) {
      trouble += "  " + source.name + " lost " + std::to_string(source.lost) +
                 " of " + std::to_string(source.events + source.lost) + "\n";
    }
    if (!source.used && verbose && !source.detail.empty()) {
      trouble += "  without " + source.name + ": " + source.detail + "\n";
    }
  }
  const std::string late =
      Describe(judge::LatenessOf(result.timeline, result.environment));
  const bool wanted = verbose || result.verdict != Verdict::kPass;
  if (wanted && !late.empty()) trouble += "  " + late + "\n";
  return used.empty() ? trouble : "watched by " + used + "\n" + trouble;
}

// What this kernel is known to do otherwise, and why.
std::string DifferencesText(const Result& result, const Style& style) {
  std::string text;
  for (std::size_t number : result.environment.differences) {
    const auto& difference = result.scenario.differences.at(number);
    text += Fold("differs   ",
                 difference.where.text + ": " + difference.reason + " (" +
                     difference.source + ")",
                 static_cast<std::size_t>(style.width));
  }
  return text;
}

// Why this was not the first time it was played.
std::string TakeText(const Result& result) {
  if (result.retakes.empty()) return "";
  return "  (take " + std::to_string(result.retakes.size() + 1) +
         "; before: " + result.retakes.back() + ")";
}

}  // namespace

std::string SummaryLine(const Result& result, const Style& style) {
  return Paint(Label(result.verdict), ColorOf(result.verdict), style) + "  " +
         result.scenario.DisplayName() + "  " + LengthText(result.timeline) +
         Gist(result) + TakeText(result);
}

std::string FullReport(const Result& result, const Style& style) {
  // A run that ended before there was a network has nothing else to tell.
  if (result.timeline.steps.empty() && result.timeline.endpoints.empty()) {
    return SummaryLine(result, style) + "\n";
  }
  std::string text = Paint(result.scenario.title, Color::kBold, style) + "\n" +
                     result.scenario.DisplayName() + " on Linux " +
                     result.environment.kernel + " at " +
                     std::to_string(result.environment.hz) + " Hz\n" +
                     SourcesText(result, style.verbose) +
                     DifferencesText(result, style) + "\n";
  text += TimelineText(result, style) + HolesText(result, style) + "\n";
  text += FindingsText(result, style) + BlameText(result, style);
  return text + "\n" + SummaryLine(result, style) + "\n";
}

std::string LiveLine(const tcp::Timeline& timeline,
                     const tcp::EndpointTimeline& endpoint,
                     const tcp::Transition& transition, const Style& style) {
  std::string who = endpoint.host + " " + endpoint.connection;
  return PadLeft(Format(transition.at - timeline.begin), 11) + "  " +
         PadRight(who, 16) + "  " + PadRight(ChangeText(transition), 26) +
         Paint(transition.cause, Color::kDim, style);
}

}  // namespace finwait::report
