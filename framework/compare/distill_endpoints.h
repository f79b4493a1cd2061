// The part of distilling (behaviour.h) that is about sockets.
#pragma once

#include <vector>

#include "compare/behaviour.h"
#include "judge/result.h"

namespace finwait::compare {

// In an order that no run changes. Of more than a report tells line by line,
// those that took the same path are one.
std::vector<Endpoint> EndpointsOf(const judge::Result& result);

}  // namespace finwait::compare
