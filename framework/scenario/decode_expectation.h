// Decodes what a scenario expects.
#pragma once

#include "scenario/node.h"
#include "scenario/scenario.h"
#include "scenario/scene.h"

namespace finwait::scenario {

// [expect]: hosts -> connections, counters and programs, all into `expected`.
// The scene knows what the steps made.
void DecodeExpectations(const Node& node, Scene& scene, Expectations* expected);

// [expect.HOST.CONNECTION] (decode_endpoint.cc).
EndpointExpectation DecodeEndpoint(const Node& node, const std::string& host,
                                   Mistakes& mistakes);

}  // namespace finwait::scenario
