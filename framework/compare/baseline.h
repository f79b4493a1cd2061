// Behaviours kept in a file: what one kernel did, to be reviewed like code and
// held against what another does.
//
// The file is TOML with one fact in each line; `finwait record` writes it,
// and a person may edit it. Pure but for ReadBaseline.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "compare/behaviour.h"
#include "judge/result.h"
#include "judge/verdict.h"
#include "scenario/diagnostic.h"
#include "scenario/scenario.h"

namespace finwait::compare {

// Grows when a reader of the format before would misread the new one.
inline constexpr int kBaselineFormat = 2;

// The cases of one scenario file.
struct Baseline {
  std::string file;   // where it came from
  std::string title;  // of the scenario
  std::vector<Behaviour> cases;

  const Behaviour* Find(const std::string& case_name) const;
};

// What goes into the file.
std::string ToToml(const Baseline& baseline);

struct ParsedBaseline {
  Baseline baseline;  // without cases when there are diagnostics
  std::vector<scenario::Diagnostic> diagnostics;
};
ParsedBaseline ParseBaseline(const std::string& text, const std::string& name);

// Throws Error that names the file, what is wrong, where, and the remedy.
Baseline ReadBaseline(const std::filesystem::path& file);

// "orphan.baseline": what a scenario's file is called in a folder of baselines.
// No .toml, so that a folder of scenarios may hold them, too.
std::filesystem::path BaselineName(const scenario::Scenario& scenario);

// A failure for each fact of the result that is not as in the baseline, with
// its place there; or that all is, or why it cannot be said. To be added to
// the result's own findings. None for a run that came to nothing.
std::vector<judge::Finding> Deviations(const Baseline& baseline,
                                       const judge::Result& result);

}  // namespace finwait::compare
