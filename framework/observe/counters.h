// The kernel's network counters of one namespace, by nstat(8) name.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "netns/namespace.h"
#include "tcp/timeline.h"

namespace finwait::observe {

using Counters = std::map<std::string, std::int64_t>;

// Reads /proc/net/{snmp,netstat,snmp6} of the namespace.
Counters ReadCounters(const netns::Namespace& ns);

// Parses the two-line tables of snmp and netstat: a line of names and a line
// of values, both led by "Tcp:". The names become "TcpOutRsts". Pure.
Counters ParseCounterTables(const std::string& text);

// Parses the "Name value" lines of snmp6. Pure.
Counters ParseCounterLines(const std::string& text);

// after - before; counters that did not move are left out.
tcp::CounterDeltas Difference(const Counters& before, const Counters& after);

}  // namespace finwait::observe
