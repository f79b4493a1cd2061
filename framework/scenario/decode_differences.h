// Decodes what a file declares to be otherwise on some kernels.
#pragma once

#include "scenario/node.h"
#include "scenario/scenario.h"
#include "scenario/scene.h"

namespace finwait::scenario {

// [[differs]]: `differs` of the root beside its `expect`, which may be null.
// Into `scenario`, with what is expected for every set of them that may hold.
// The scene knows what the steps made, `scenario` has them.
void DecodeDifferences(const Node& differs, const Node* expect, Scene& scene,
                       Scenario* scenario);

}  // namespace finwait::scenario
