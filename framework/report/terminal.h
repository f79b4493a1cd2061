// Results as text for a person at a terminal. Pure; times are relative to the
// run's begin and printed with their unit.
#pragma once

#include <string>
#include <vector>

#include "judge/result.h"

namespace finwait::report {

struct Style {
  bool color = false;
  bool verbose = false;  // every packet, every pass
  bool explain = false;  // blame even when all passed
  int width = 100;
};

// One line: "PASS  orphan.toml [..]  5.3s  (margin 108ms)".
std::string SummaryLine(const judge::Result& result, const Style& style);

// The timeline of every endpoint side by side with steps (of a crowd: what
// its members have in common), then findings (all failures with the excerpt
// around them), blame, and the verdict.
std::string FullReport(const judge::Result& result, const Style& style);

// The line about one transition or step as it happens (live progress).
std::string LiveLine(const tcp::Timeline& timeline,
                     const tcp::EndpointTimeline& endpoint,
                     const tcp::Transition& transition, const Style& style);

// One finding: what was expected by which formula with which numbers, what
// happened, the margin, the line of the file.
std::string FindingText(const judge::Finding& finding, const Style& style);

// A drawing of a network for `finwait show`, with what its links do to packets
// from the start of a scenario.
std::string DrawTopology(
    const scenario::Topology& topology, const Style& style,
    const std::vector<scenario::InitialImpairment>& impairments = {});

}  // namespace finwait::report
