// Where kernel events come from: changes of state and timers, told by the
// kernel itself.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tcp/address.h"
#include "tcp/timeline.h"

namespace finwait::observe {

// Something happened to a socket, told from inside the kernel.
struct Event {
  enum class Kind : std::uint8_t {
    kTransition,    // of a full socket: from -> to
    kTimerArmed,    // of a minisock or request socket: birth or re-arming
    kTimerFired,    // a minisock's death, a request socket's next SYN|ACK
    kTimerStopped,  // something came before the timer did
  };
  Kind kind = Kind::kTransition;
  tcp::Source source = tcp::Source::kSockops;
  TimePoint at;
  std::string_view host;     // whose socket; lives as long as the source
  tcp::FourTuple tuple;      // as the socket's own host sees it
  std::uint64_t cookie = 0;  // 0: the socket has none yet

  // Of a transition. `from` and `to` are those of the full socket: kClosed may
  // mean that a timewait minisock has taken its place.
  tcp::TcpState from = tcp::TcpState::kClosed;
  tcp::TcpState to = tcp::TcpState::kClosed;
  int error = 0;        // sk_err at that moment, where the source can read it
  int pid = 0;          // of the process that the change interrupted or was
                        // made by; tracepoints only
  std::string command;  // its /proc/PID/comm

  // Of a timer: the state its socket has, and for kTimerArmed the times of
  // tcp::TimerRecord.
  tcp::TcpState state = tcp::TcpState::kClosed;
  TimePoint requested;
  TimePoint slot;
};

// A stream of events of a whole run. Implementations own their kernel objects;
// all calls come from the observer's thread.
class EventSource {
 public:
  virtual ~EventSource() = default;
  // Readable when events wait; -1 if none will ever come.
  virtual int fd() const = 0;
  // Hands all waiting events to `sink`, in the kernel's order. Never blocks.
  virtual void Drain(const std::function<void(const Event&)>& sink) = 0;
  // What it is made of and how much of it was lost, for Timeline::sources.
  virtual std::vector<tcp::SourceRecord> Records() const = 0;
  // Do minisocks and request sockets have events here (tracepoints)?
  virtual bool sees_timers() const = 0;
};

}  // namespace finwait::observe
