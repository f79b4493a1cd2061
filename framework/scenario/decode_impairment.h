// Decodes impairments.
#pragma once

#include "scenario/impairment.h"
#include "scenario/mistakes.h"
#include "scenario/node.h"

namespace finwait::scenario {

bool Decode(const Node& node, Mistakes& mistakes, Impairment* out);
bool Decode(const Node& node, Mistakes& mistakes, Loss* out);
bool Decode(const Node& node, Mistakes& mistakes, Correlated* out);
bool Decode(const Node& node, Mistakes& mistakes, Slot* out);
bool Decode(const Node& node, Mistakes& mistakes, Distribution* out);

}  // namespace finwait::scenario
