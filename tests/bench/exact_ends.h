// When sockets really went: by looking at them all the time.
#pragma once

#include <vector>

#include "base/clock.h"
#include "netns/namespace.h"
#include "tcp/address.h"

namespace finwait::bench {

// A socket was there at `seen` and not at `missed`.
struct Bracket {
  tcp::FourTuple tuple;
  TimePoint seen;
  TimePoint missed;
};

// From `begin` on keeps one core busy with looks at these few sockets until all
// are gone: each once in some 10 us. Before `begin` it does nothing. Ahead of
// other threads, if it may be. An observer's own looks have no part in it.
std::vector<Bracket> WatchUntilGone(const netns::Namespace& ns,
                                    const std::vector<tcp::FourTuple>& tuples,
                                    TimePoint begin);

// At most how far `at` is from the end: to the further side of the bracket.
Duration Error(const Bracket& bracket, TimePoint at);

}  // namespace finwait::bench
