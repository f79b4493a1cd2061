// Values that stand in place of what a file says: "tcp_fin_timeout=61".
//
// A name is that of a [parameter], whose list of values becomes this one
// value; or of a sysctl, in full ("net.ipv4.tcp_fin_timeout") or by its last
// part, after "HOST:" for that host alone. Without a host it holds wherever
// the scenario or its topology sets the sysctl, else on every host that can
// have sockets.
#pragma once

#include <string>
#include <vector>

#include "scenario/mistakes.h"
#include "scenario/node.h"
#include "scenario/scenario.h"

namespace finwait::scenario {

// Replaces the parameters of the file's root that `overrides` name, before its
// cases are made. Returns the other overrides, which must be sysctls.
Overrides OverrideParameters(const Overrides& overrides, Node* root,
                             Mistakes& mistakes);

// Sets sysctls in the network of a case and says so in the case's name.
// `parameters` are those of the file, for suggestions.
void OverrideSysctls(const Overrides& sysctls,
                     const std::vector<std::string>& parameters,
                     Scenario* scenario, Mistakes& mistakes);

// "tcp_fin_timeout=61".
std::string ToString(const Overrides::value_type& one);

}  // namespace finwait::scenario
