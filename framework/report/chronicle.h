// What happened, line by line: client on the left, server on the right. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/pairs.h"
#include "report/terminal.h"
#include "tcp/timeline.h"

namespace finwait::report {

// One line to be: an event of one end of a connection, or a step.
struct Row {
  // In the order of cause and effect at one moment.
  enum class Kind : std::uint8_t { kStep, kReceived, kTransition, kSent };
  TimePoint at;
  Kind kind = Kind::kStep;
  std::string connection;
  bool right = false;  // the server's
  std::string what;    // "FIN_WAIT1 → FIN_WAIT2", or the step
  std::string remark;  // "received ACK of FIN"
};

// "FIN_WAIT1 → FIN_WAIT2"; from nothing just "SYN_SENT".
std::string ChangeText(const tcp::Transition& transition);

// Everything about `pairs`, and the steps, by time.
std::vector<Row> RowsOf(const std::vector<Pair>& pairs,
                        const tcp::Timeline& timeline, bool packets);

// The table with its head. The connection has a column if there are several.
std::string Chronicle(const tcp::Timeline& timeline, const Style& style);

// The few lines of one connection around a moment, which an arrow marks.
std::string Excerpt(const tcp::Timeline& timeline, std::string_view connection,
                    TimePoint around, const Style& style);

}  // namespace finwait::report
