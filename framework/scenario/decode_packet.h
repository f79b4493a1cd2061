// What a scenario says of segments and of TCP_INFO.
#pragma once

#include <vector>

#include "scenario/expectation.h"
#include "scenario/mistakes.h"
#include "scenario/node.h"

namespace finwait::scenario {

PacketExpectation DecodePacket(const Node& node, Mistakes& mistakes);

// Adds one for each field of the table.
void DecodeInfo(const Node& node, Mistakes& mistakes,
                std::vector<InfoExpectation>* info);

}  // namespace finwait::scenario
