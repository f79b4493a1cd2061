// What a sweep found out, as a table. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "judge/result.h"
#include "judge/stay.h"
#include "tcp/tcp_state.h"

namespace finwait::report {

// One stay of one endpoint in one state, in one case, on one kernel. A case
// that never came to have endpoints has one row, which says why.
struct SweepRow {
  std::string kernel;  // as --kernel calls it; empty: this machine's
  std::string release;
  int hz = 0;
  scenario::Overrides values;  // those swept over
  std::string case_name;
  std::string host;
  std::string connection;
  tcp::TcpState state = tcp::TcpState::kClosed;
  int occurrence = 1;
  judge::Interval length;
  // What the scenario allows, where it expects a length of this stay.
  std::optional<Duration> shortest;
  std::optional<Duration> longest;
  std::optional<bool> orphan;  // without a process, on the last look
  std::string ended_by;        // "timewait timer"; empty: it had not ended
  std::optional<tcp::TcpState> next;
  judge::Verdict verdict = judge::Verdict::kPass;  // of the whole case
  std::string reason;                              // unsupported, broken
};

// The rows of one result. CLOSED, which lasts for ever, is none of them.
std::vector<SweepRow> SweepRows(const judge::Result& result,
                                const std::string& kernel,
                                const scenario::Overrides& values);

// Comma-separated values as in RFC 4180, with a header. Times in seconds.
std::string SweepCsv(const std::vector<SweepRow>& rows);

}  // namespace finwait::report
