// Which interfaces hear each other without a router in between.
#pragma once

#include <vector>

#include "scenario/topology.h"

namespace finwait::scenario {

// The interfaces of hosts and routers at one Ethernet: the two ends of a link,
// or all that meet at a bridge or at several joined ones. Points into the
// topology.
using Segment = std::vector<const Interface*>;

std::vector<Segment> SegmentsOf(const Topology& topology);

}  // namespace finwait::scenario
