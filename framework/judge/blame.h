// Who keeps a connection from ending, in words a person with a full netstat
// can act on. Pure.
#pragma once

#include <string>
#include <vector>

#include "judge/judge.h"
#include "tcp/timeline.h"

namespace finwait::judge {

// One sentence or two per connection that had begun to close and had not
// ended when the run did, e.g.
//   client's FIN_WAIT2 (10.0.0.1:40000 > 10.0.0.2:7000) is an orphan (no
//   process) and will live 60s more; server process 4242 (`python3`) still
//   holds descriptor 5 in CLOSE_WAIT: it received the FIN 12.3s ago and has
//   not called close().
// Many alike (same states, same process) are told as one with their count.
std::vector<std::string> Blame(const tcp::Timeline& timeline,
                               const Environment& environment);

}  // namespace finwait::judge
