// Where kernel events come from that say *when* to look.
#pragma once

#include <functional>
#include <optional>

#include "tcp/address.h"
#include "tcp/timeline.h"

namespace finwait::observe {

// What an event source reports. `transition` is set by sources that know the
// state itself (a BPF program on a cgroup, a tracepoint) and not only that
// something happened to the socket.
struct Event {
  TimePoint at;
  tcp::FourTuple tuple;  // as the socket's own host sees it
  std::uint64_t cookie = 0;
  std::optional<tcp::Transition> transition;
};

// A stream of events of one host. Implementations own their kernel objects;
// all calls come from the observer's thread.
class EventSource {
 public:
  virtual ~EventSource() = default;
  // Readable when events wait.
  virtual int fd() const = 0;
  // Hands all waiting events to `sink`, in order. Never blocks.
  virtual void Drain(const std::function<void(const Event&)>& sink) = 0;
  // Events the kernel could not deliver so far.
  virtual std::uint64_t dropped() const = 0;
};

}  // namespace finwait::observe
