// Fills parameters into a file's values.
#pragma once

#include <map>
#include <set>
#include <string>

#include "scenario/mistakes.h"
#include "scenario/node.h"

namespace finwait::scenario {

// Parameter -> the value it has in one case.
using Bindings = std::map<std::string, Node>;

// A copy of `node` with "{name}" replaced: by the value with its type where
// it is the whole string, by its text inside a longer one. "{{" becomes "{".
// Places stay those of the original. Adds the names it met to `used`.
Node Substitute(const Node& node, const Bindings& bindings,
                std::set<std::string>* used, Mistakes& mistakes);

}  // namespace finwait::scenario
