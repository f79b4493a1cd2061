// Unfinished closes, alike ones together. Pure.
#pragma once

#include <optional>
#include <vector>

#include "base/units.h"
#include "judge/judge.h"
#include "tcp/timeline.h"

namespace finwait::judge {

// One end of a connection as the run left it. `endpoint` belongs to the
// timeline, which must outlive this.
struct End {
  const tcp::EndpointTimeline* endpoint = nullptr;
  tcp::TcpState state = tcp::TcpState::kClosed;
  bool owned = false;
  Duration elapsed{};                 // in this state
  bool at_least = false;              // it was before the run, too
  std::optional<Duration> remaining;  // until the kernel ends it, if it will
};

// Alike connections; `peers` is empty where no peer was seen.
struct Group {
  std::vector<End> ends;
  std::vector<End> peers;
};

// Is this a state between the first FIN and the end?
bool BeganToClose(tcp::TcpState state);

// Every connection with an end that began to close, once, as the timeline
// lists them. The end that closed first is in `ends`, where both were seen.
std::vector<Group> Grouped(const tcp::Timeline& timeline,
                           const Environment& environment);

}  // namespace finwait::judge
