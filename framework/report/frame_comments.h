// What finwait has to say about the frames of a run. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tcp/timeline.h"

namespace finwait::report {

// By index into Timeline::frames, in the order of what is told.
using FrameComments = std::map<std::size_t, std::vector<std::string>>;

// Every transition and every step, at the frame that is closest to it:
// - what a segment did, at that segment as it passed that host;
// - what happened without one (a timer, a call), at that host's last frame
//   before it: "713ms later: client conn: FIN_WAIT2 > CLOSED (timewait timer)";
// - a step, at its host's first frame after it began.
// Where there is none, another frame stands in and the text says how far off.
// Empty for a run without frames.
FrameComments CommentsOf(const tcp::Timeline& timeline);

}  // namespace finwait::report
