// What the observer promises, measured.
#pragma once

#include "figures.h"
#include "paths.h"

namespace finwait::bench {

struct Settings {
  bool quick = false;
  bool kernel_events = true;
  // Looks may come late: all cores are busy, and the observer may not go ahead.
  bool starved = false;
};

// Every state of many connections that end in this way, and nothing else; with
// kernel events, how near their times are to those of the segments.
void MeasureWay(Way way, const Settings& settings, Table& table);

// How near the end of a minisock is to what constant looks at it say.
void MeasureMinisockEnd(const Settings& settings, Table& table);

// What waiting for so many minisocks costs.
void MeasureCost(int minisocks, const Settings& settings, Table& table);

// Kernel events against packets and looks, of the same connections.
void MeasureSources(const Settings& settings, Table& table);

}  // namespace finwait::bench
