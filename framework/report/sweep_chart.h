// A sweep as a picture: how long a state lasted against what was swept over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/chart.h"
#include "report/sweep_table.h"

namespace finwait::report {

struct SweepChartOptions {
  std::string title;                   // of the scenario
  std::optional<tcp::TcpState> state;  // none: the one that varies most
  std::string host;                    // of whose endpoint; empty: any
  std::string connection;              // empty: any
  // Name of a dashed line where the state lasts as long as the value says, in
  // seconds where it has no unit; empty: no such line.
  std::string diagonal;
  std::vector<std::string> caption;
};

// A series for each kernel and each combination of what else was swept over;
// the first of the swept names is the horizontal axis. Where the scenario says
// how long the state may last, a second panel shows how late it ended and how
// late it might. Throws Error if there is nothing to draw, and says why.
Chart SweepChart(const std::vector<SweepRow>& rows,
                 const SweepChartOptions& options);

}  // namespace finwait::report
