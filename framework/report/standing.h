// The connections of a host at one moment, and what became of them. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "report/terminal.h"
#include "report/watched.h"

namespace finwait::report {

// One line for each state: how many, who has them, when their timers are due,
// and the address that most of them have in common. "  none" without sockets.
std::string StandingTable(const std::vector<WatchedSocket>& sockets);

// How often a socket went from one state to another.
using ChangeCounts =
    std::map<std::pair<tcp::TcpState, tcp::TcpState>, std::uint64_t>;

// One line for each, the most frequent first.
std::string ChangeTable(const ChangeCounts& counts);

}  // namespace finwait::report
