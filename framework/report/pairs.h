// The two ends of every connection of a run, put together. Pure.
#pragma once

#include <string>
#include <vector>

#include "tcp/timeline.h"

namespace finwait::report {

// The endpoints belong to a Timeline that must outlive this. One of them may
// be missing: a peer outside the run, or one that was never reached.
struct Pair {
  const tcp::EndpointTimeline* client = nullptr;  // sent the SYN
  const tcp::EndpointTimeline* server = nullptr;

  const tcp::EndpointTimeline& any() const {
    return client ? *client : *server;
  }
};

// In the order of the timeline.
std::vector<Pair> PairsOf(const tcp::Timeline& timeline);

// "conn: client 10.0.0.1:40000 ↔ server 10.0.0.2:7000"
std::string Describe(const Pair& pair);

}  // namespace finwait::report
