// What a scenario says of all sockets of a host.
#pragma once

#include <string>

#include "scenario/expectation.h"
#include "scenario/node.h"
#include "scenario/scene.h"

namespace finwait::scenario {

// One table of [[expect.HOST.sockets]].
SocketsExpectation DecodeSockets(const Node& node, const std::string& host,
                                 const Scene& scene);

}  // namespace finwait::scenario
