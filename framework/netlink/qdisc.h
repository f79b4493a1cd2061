// Impairments as netem qdiscs (tc-netem(8)).
#pragma once

#include <optional>

#include "netlink/link.h"
#include "scenario/impairment.h"

namespace finwait::netlink {

// Can this kernel do netem? Found by adding one in a namespace of its own.
bool HasNetem();

// Sets, or replaces, the root qdisc of `ifindex` and reads it back; throws
// Error naming every field that came back different beyond netem's own
// resolution, Unsupported("sch_netem", …) if the kernel has none.
// A change keeps the packets that are under way. Impairment{} removes.
void SetImpairment(Rtnetlink& rtnl, int ifindex,
                   const scenario::Impairment& impairment);
void RemoveImpairment(Rtnetlink& rtnl, int ifindex);

// What the kernel has there now; empty if the root qdisc is not netem. The
// kernel does not tell the distribution: it always reads kUniform.
std::optional<scenario::Impairment> ReadImpairment(Rtnetlink& rtnl,
                                                   int ifindex);

}  // namespace finwait::netlink
