// The four outcomes, and what one judged sentence came to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "scenario/diagnostic.h"

namespace finwait::judge {

// LTP's TPASS, TCONF, TBROK and TFAIL. In order of severity, so that the
// greater of two verdicts is their sum.
enum class Verdict : std::uint8_t {
  kPass,
  kUnsupported,  // this kernel or user cannot do what the scenario needs
  kBroken,       // finwait or the machine failed, nothing is known
  kFail,         // the subject did not behave
};

std::string_view Name(Verdict verdict);  // "pass", "unsupported", ...
Verdict Merge(Verdict a, Verdict b);
int ExitCode(Verdict verdict);  // 0 pass, 1 fail, 3 broken, 77 unsupported

// One expectation, judged.
struct Finding {
  Verdict verdict = Verdict::kPass;
  scenario::Place place;  // the expectation's line
  std::string subject;    // "client conn: FIN_WAIT2"
  std::string expected;   // "lasts tcp_fin_timeout"
  std::string formula;    // with its numbers; empty if there is none
  std::string actual;     // "lasted 5.132s (5.1315s to 5.1322s)"
  // How far inside (positive) or outside (negative) the nearest bound.
  std::optional<Duration> margin;
  // Where in the timeline to look, for the excerpt that a failure shows.
  std::string host;
  std::string connection;
  std::optional<TimePoint> around;
};

}  // namespace finwait::judge
