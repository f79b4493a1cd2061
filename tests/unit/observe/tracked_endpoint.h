// One endpoint as its tests see it: segments, events and looks with times since
// the start.
#pragma once

#include <optional>
#include <vector>

#include "observe/endpoint_tracker.h"

namespace finwait::observe {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using tcp::TcpState;

inline constexpr std::uint8_t kFinAck = tcp::kFin | tcp::kAck;
inline constexpr std::uint8_t kSynAck = tcp::kSyn | tcp::kAck;

inline TimePoint At(Duration since_start) { return TimePoint(since_start); }

inline tcp::Sample Looked(Duration at, std::optional<TcpState> state,
                          tcp::TimerKind timer = tcp::TimerKind::kOff) {
  tcp::Sample sample{.before = At(at), .after = At(at + microseconds(2))};
  if (state) sample.facts = {.state = *state, .timer = timer};
  return sample;
}

// One endpoint with sequence numbers from 1000 (its own) and 5000 (its
// peer's).
class Endpoint {
 public:
  bool Sends(Duration at, std::uint8_t flags, std::uint32_t seq,
             std::uint32_t ack, std::uint32_t length = 0) {
    return tracker.OnPacket({.at = At(at),
                             .sent = true,
                             .flags = flags,
                             .seq = seq,
                             .ack = ack,
                             .length = length});
  }
  bool Receives(Duration at, std::uint8_t flags, std::uint32_t seq,
                std::uint32_t ack, std::uint32_t length = 0) {
    return tracker.OnPacket({.at = At(at),
                             .sent = false,
                             .flags = flags,
                             .seq = seq,
                             .ack = ack,
                             .window = 500,
                             .length = length});
  }
  void Connects() {
    Sends(milliseconds(1), tcp::kSyn, 999, 0);
    Receives(milliseconds(2), kSynAck, 4999, 1000);
    Sends(milliseconds(2), tcp::kAck, 1000, 5000);
    tracker.OnSample(Looked(milliseconds(3), TcpState::kEstablished));
  }
  void IsConnectedTo() {
    Receives(milliseconds(1), tcp::kSyn, 4999, 0);
    Sends(milliseconds(1), kSynAck, 999, 5000);
    Receives(milliseconds(2), tcp::kAck, 5000, 1000);
    tracker.OnSample(Looked(milliseconds(3), TcpState::kEstablished));
  }
  // The kernel tells of a change of state.
  bool Changes(Duration at, TcpState from, TcpState to, int error = 0,
               tcp::Source source = tcp::Source::kSockops) {
    Event event;
    event.source = source;
    event.at = At(at);
    event.from = from;
    event.to = to;
    event.error = error;
    return tracker.OnEvent(event);
  }
  // Of the timer of a minisock or request socket.
  bool Timer(Duration at, Event::Kind kind, TcpState state,
             Duration timeout = {}) {
    Event event;
    event.kind = kind;
    event.source = tcp::Source::kTracepoint;
    event.at = At(at);
    event.state = state;
    event.requested = At(at + timeout);
    event.slot = At(at + timeout + milliseconds(30));
    return tracker.OnEvent(event);
  }
  bool Arms(Duration at, TcpState state, Duration timeout) {
    return Timer(at, Event::Kind::kTimerArmed, state, timeout);
  }
  bool Fires(Duration at, TcpState state) {
    Timer(at, Event::Kind::kTimerStopped, state);
    return Timer(at, Event::Kind::kTimerFired, state);
  }
  bool Stops(Duration at, TcpState state) {
    return Timer(at, Event::Kind::kTimerStopped, state);
  }
  EndpointTracker::Answer Looks(Duration at, std::optional<TcpState> state,
                                tcp::TimerKind timer = tcp::TimerKind::kOff) {
    return tracker.OnSample(Looked(at, state, timer));
  }
  const tcp::Transition& last() const { return tracker.transitions().back(); }
  std::vector<TcpState> Path() const {
    std::vector<TcpState> path;
    for (const auto& t : tracker.transitions()) path.push_back(t.to);
    return path;
  }

  EndpointTracker tracker{At(Duration::zero())};
};

}  // namespace finwait::observe
