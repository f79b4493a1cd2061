// Decodes where a socket sits or goes to.
#pragma once

#include <optional>

#include "scenario/node.h"
#include "scenario/scene.h"
#include "scenario/step.h"
#include "scenario/table.h"

namespace finwait::scenario {

// 7000, "server:7000", "10.0.0.2:7000", "[fd00::2]:7000".
bool DecodeTarget(const Node& node, Scene& scene, Target* out);

// The family of a socket: its `family` key, else that of its address, else
// the scenario's. Checks that the target has an address of it.
tcp::Family DecodeFamily(Table& table, const Target& target, Scene& scene);

// "server:7000", "[fd00::2]:7000", "port 7000".
std::string Describe(const Target& target);

}  // namespace finwait::scenario
