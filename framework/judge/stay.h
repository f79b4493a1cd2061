// An endpoint's life as the list of its stays in states. Pure.
#pragma once

#include <optional>
#include <vector>

#include "base/units.h"
#include "tcp/timeline.h"

namespace finwait::judge {

// One stay in one state, between two transitions of an EndpointTimeline that
// must outlive it.
struct Stay {
  tcp::TcpState state = tcp::TcpState::kClosed;
  const tcp::Transition* entry = nullptr;  // null: seen in it from the start
  const tcp::Transition* exit = nullptr;   // null: in it when the run ended
};

// All stays in order. The nothing before a connection (CLOSED, or the LISTEN
// of the listener a child comes from) is none of them; CLOSED at its end is.
std::vector<Stay> StaysOf(const tcp::EndpointTimeline& endpoint);

// The n-th stay in `state` (from 1), or null.
const Stay* FindStay(const std::vector<Stay>& stays, tcp::TcpState state,
                     int occurrence);

// The states of the stays, as scenarios write a path.
std::vector<tcp::TcpState> PathOf(const std::vector<Stay>& stays);

// How long something took: surely from `low` to `high`, most likely `best`.
// What had not ended when the run did is `open`: it took at least `low`.
struct Interval {
  Duration low{};
  Duration best{};
  Duration high{};
  bool open = false;
};

// The length of a stay; an open one is measured up to the run's end.
Interval LengthOf(const Stay& stay, const tcp::Timeline& timeline);

// The looks that found the endpoint in this stay, in order; without one that
// came in the middle of the change to it.
std::vector<const tcp::Sample*> SamplesIn(
    const Stay& stay, const tcp::EndpointTimeline& endpoint);

// The last TCP_INFO anybody read of the endpoint's full socket.
std::optional<tcp::TcpInfo> LastInfo(const tcp::EndpointTimeline& endpoint);

}  // namespace finwait::judge
