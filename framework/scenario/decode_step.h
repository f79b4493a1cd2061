// Decodes steps. Each decoder returns the action as far as it could be read;
// what could not is in the mistakes.
#pragma once

#include <string>
#include <vector>

#include "scenario/node.h"
#include "scenario/scene.h"
#include "scenario/step.h"
#include "scenario/table.h"

namespace finwait::scenario {

// One [[step]]. Tells the scene what the step makes.
Step DecodeStep(const Node& node, Scene& scene);

// What `host` does, by the one verb of its table.
void DecodeHostAction(const Node& node, Scene& scene, Step* step);

// A verb of a host: reads the rest of its table.
using DecodeVerb = Action (*)(const std::string& host, Table& table,
                              Scene& scene);
using Verbs = std::vector<std::pair<std::string, DecodeVerb>>;

const Verbs& SocketVerbs();   // decode_call.cc
const Verbs& ProgramVerbs();  // decode_program.cc

// `fails`, `returns` and `takes` of a socket call (decode_call.cc).
CallResult DecodeResult(Table& table);

// { TCP_LINGER2 = "2s" } (decode_option.cc).
SocketOptionValues DecodeOptions(const Node& node, Mistakes& mistakes);

// "SIGTERM" or 15 (decode_program.cc).
bool DecodeSignal(const Node& node, Mistakes& mistakes, int* out);

// The connection of `host` that `on` names, or its only one (decode_wait.cc).
std::string ReadConnection(const std::string& host, Table& table, Scene& scene);

// What is done to a connection from outside (decode_craft.cc).
Action DecodeCraft(const std::string& host, Table& table, Scene& scene);
Action DecodeDestroy(const std::string& host, Table& table, Scene& scene);

// The verbs without a host.
Action DecodeWait(const Node& node, Scene& scene, Duration* within);
Action DecodeCount(const Node& node, Scene& scene);
Action DecodeImpair(const Node& node, Scene& scene);
Action DecodeLift(const Node& node, Scene& scene);
Action DecodeSetLink(const Node& node, Scene& scene);
Action DecodeBlackhole(const Node& node, Scene& scene);
Action DecodeDrop(const Node& node, Scene& scene);
Action DecodeRestore(const Node& node, Scene& scene);

}  // namespace finwait::scenario
