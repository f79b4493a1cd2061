// Sequence numbers relative to a connection: "rcv_nxt + 100".
#pragma once

#include <string_view>

#include "scenario/mistakes.h"
#include "scenario/node.h"
#include "scenario/step.h"

namespace finwait::scenario {

// "rcv_nxt", as a file writes it; nothing for a plain number.
std::string_view Name(SequenceNumber::Base base);

// "window", "snd_nxt - 1", or a plain number.
bool Decode(const Node& node, Mistakes& mistakes, SequenceNumber* out);

}  // namespace finwait::scenario
