// Many connections told by what they have in common. Pure.
#pragma once

#include <string>

#include "report/terminal.h"
#include "tcp/timeline.h"

namespace finwait::report {

// Connections whose ends took the same paths are one entry: how many, the
// paths, an example, and how long each state lasted; then how many were in
// each state over time. The steps come before as a list.
std::string Crowd(const tcp::Timeline& timeline, const Style& style);

}  // namespace finwait::report
