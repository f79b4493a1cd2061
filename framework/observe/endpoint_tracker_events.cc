// What the kernel itself tells of an endpoint: the part of EndpointTracker
// that listens to events.
#include <netinet/in.h>

#include <algorithm>

#include "observe/endpoint_tracker.h"
#include "tcp/linux_timing.h"

namespace finwait::observe {
namespace {

using tcp::Packet;
using tcp::Sample;
using tcp::TcpState;
using tcp::TimerRecord;
using tcp::Transition;

// The kernel stores the new state, or takes the socket out of its table, this
// long after it told of it at most, unless it was interrupted just there. In
// virtual time there is one processor, and nothing comes between.
Duration AfterEvent() {
  return TimeIsVirtual() ? Duration::zero() : std::chrono::microseconds(20);
}

// The longest such interruption: of a virtual machine by its host, say.
constexpr Duration kInterruption = std::chrono::milliseconds(20);

// tcp_connect() tells of SYN_SENT when the SYN is about to leave; the state was
// stored before the port was chosen.
Duration BeforeSyn() {
  return TimeIsVirtual() ? std::chrono::microseconds(50)
                         : std::chrono::microseconds(1000);
}

// A segment belongs to an event that is no further away.
constexpr Duration kSameCall = std::chrono::milliseconds(1);

bool IsMinisock(TcpState state) {
  return state == TcpState::kFinWait2 || state == TcpState::kTimeWait;
}

// Where a timewait minisock may take the full socket's place (Linux:
// net/ipv4/tcp_minisocks.c tcp_time_wait() and its callers).
bool MayLeaveMinisock(TcpState from) {
  return from == TcpState::kFinWait2 || from == TcpState::kClosing;
}

TimerRecord::What WhatOf(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::kTimerFired:
      return TimerRecord::What::kFired;
    case Event::Kind::kTimerStopped:
      return TimerRecord::What::kStopped;
    default:
      return TimerRecord::What::kArmed;
  }
}

Transition Exact(TcpState from, TcpState to, const Event& event,
                 std::string cause) {
  const bool connecting = to == TcpState::kSynSent;
  return {.from = from,
          .to = to,
          .at = event.at,
          .earliest = connecting ? event.at - BeforeSyn() : event.at,
          .latest = event.at + AfterEvent(),
          .source = event.source,
          .cause = std::move(cause)};
}

}  // namespace

bool EndpointTracker::OnEvent(const Event& event) {
  told_ = true;
  if (event.kind == Event::Kind::kTransition) {
    OnTransition(event);
  } else {
    OnTimer(event);
  }
  return !finished();
}

void EndpointTracker::OnTransition(const Event& event) {
  // close() in FIN_WAIT1, FIN_WAIT2, CLOSING and LAST_ACK sets the state that
  // is already there (Linux: net/ipv4/tcp.c tcp_close_state()).
  if (event.from == event.to) return;
  if (event.to == TcpState::kClosed && MayLeaveMinisock(event.from)) {
    if (!minisock_) replaced_ = event;
    return;
  }
  stopped_.reset();
  Assert(event.from, event.to, event);
}

void EndpointTracker::OnTimer(const Event& event) {
  const bool armed = event.kind == Event::Kind::kTimerArmed;
  timers_.push_back({.what = WhatOf(event.kind),
                     .at = event.at,
                     .state = event.state,
                     .requested = armed ? event.requested : TimePoint(),
                     .slot = armed ? event.slot : TimePoint()});
  if (IsMinisock(event.state) && state() != TcpState::kClosed) Enter(event);
  if (armed) {
    OnArmed(event);
  } else if (event.kind == Event::Kind::kTimerFired) {
    OnFired(event);
  } else {
    stopped_ = event.at;
  }
}

void EndpointTracker::OnArmed(const Event& event) {
  stopped_.reset();
  slot_ = event.slot;
  if (!IsMinisock(event.state) && blank()) {
    Assert(TcpState::kClosed, event.state, event);
  }
}

// Any event of its timer tells the state of a minisock: what changes it sets
// the state first.
void EndpointTracker::Enter(const Event& event) {
  const bool known = state() == event.state;
  const auto proposal =
      std::find_if(pending_.begin(), pending_.end(),
                   [&](const Transition& t) { return t.to == event.state; });
  const bool proposed = !known && proposal != pending_.end();
  const TimePoint since = known && !confirmed_.empty()
                              ? confirmed_.back().earliest
                          : proposed ? proposal->earliest
                                     : evidence_;
  const bool late = MayBeLate(event, since);
  minisock_ = true;
  replaced_.reset();
  if (known) {
    if (!late && !confirmed_.empty()) {
      Refine(confirmed_.back().from, event.state, event);
    }
    return;
  }
  Assert(proposed ? proposal->from : state(), event.state, event);
  if (!late) return;
  confirmed_.back().earliest = since;
  if (proposed) confirmed_.back().at = since;
}

// Only birth is told by its own event, and only of TIME_WAIT: an orphan's
// FIN_WAIT2 began with the full socket. A change that leaves the timer in its
// slot is not told at all (Linux: kernel/time/timer.c __mod_timer()).
bool EndpointTracker::MayBeLate(const Event& event, TimePoint since) const {
  if (event.kind == Event::Kind::kTimerFired) return true;
  if (minisock_ && slot_) {
    return since + tcp::kTimeWaitLength <= *slot_ + tcp::kLongestJiffy;
  }
  return event.kind == Event::Kind::kTimerStopped ||
         event.state == TcpState::kFinWait2;
}

// A minisock's timer ends it. A request socket's sends another SYN|ACK, or
// gives up: then nothing is armed again.
void EndpointTracker::OnFired(const Event& event) {
  stopped_ = event.at;
  if (!IsMinisock(event.state)) return;
  minisock_ = false;
  slot_.reset();
  if (state() == TcpState::kClosed) {
    Refine(event.state, TcpState::kClosed, event);
    return;
  }
  Assert(event.state, TcpState::kClosed, event);
  unexplained_ = false;
}

void EndpointTracker::Assert(TcpState from, TcpState to, const Event& event) {
  missing_.reset();
  doubts_ = 0;
  if (Refine(from, to, event)) return;
  if (!confirmed_.empty()) {
    Transition& last = confirmed_.back();
    last.latest = std::max(last.at, std::min(last.latest, event.at));
  }
  if (!ConfirmBy(from, to, event)) {
    Bridge(from, event);
    pending_.clear();
    if (from == state() && !tcp::IsLegalTransition(from, to)) Miss(from, to);
    confirmed_.push_back(
        Exact(state(), to, event, CauseOf(state(), to, event)));
    unexplained_ = true;
  }
  evidence_ = std::max(evidence_, event.at);
}

// A segment or a look was faster: the transition is known, but not so exactly.
bool EndpointTracker::Refine(TcpState from, TcpState to, const Event& event) {
  for (auto known = confirmed_.rbegin(); known != confirmed_.rend(); ++known) {
    const bool same = known->from == from && known->to == to &&
                      event.at >= known->earliest - kSameCall &&
                      event.at <= known->latest + kSameCall;
    if (!same || IsTold(*known)) continue;
    *known = Exact(from, to, event, std::move(known->cause));
    return true;
  }
  return false;
}

// A segment has proposed it. What it proposed before has happened by now.
bool EndpointTracker::ConfirmBy(TcpState from, TcpState to,
                                const Event& event) {
  for (std::size_t n = 0; n < pending_.size(); ++n) {
    if (StateAfter(n) != from || pending_[n].to != to) continue;
    const std::string cause = pending_[n].cause;
    const auto proposed = static_cast<std::ptrdiff_t>(n);
    std::vector<Transition> later(pending_.begin() + proposed + 1,
                                  pending_.end());
    Confirm(n, {.before = event.at, .after = event.at, .facts = {}});
    confirmed_.push_back(Exact(from, to, event, cause));
    pending_ = std::move(later);
    unexplained_ = false;
    return true;
  }
  return false;
}

// The event starts from another state than the one known. Segments may tell of
// what lies between; a socket that is accepted was a request first, or, after a
// SYN|ACK that no socket had sent, is made of its cookie.
void EndpointTracker::Bridge(TcpState from, const Event& event) {
  if (from == state()) return;
  for (std::size_t n = 1; n <= pending_.size(); ++n) {
    if (StateAfter(n) != from) continue;
    Confirm(n, {.before = event.at, .after = event.at, .facts = {}});
    return;
  }
  if (blank() && from == TcpState::kSynRecv) {
    const auto since = sent_ ? std::nullopt : first_syn_;
    confirmed_.push_back({.from = TcpState::kClosed,
                          .to = from,
                          .at = since.value_or(event.at),
                          .earliest = since.value_or(
                              std::max(evidence_, event.at - kReceivePath)),
                          .latest = event.at,
                          .source = event.source,
                          .cause = sent_ ? "received ACK" : "received SYN"});
    return;
  }
  Miss(state(), from);
  confirmed_.push_back({.from = state(),
                        .to = from,
                        .at = event.at,
                        .earliest = std::min(evidence_, event.at),
                        .latest = event.at,
                        .source = event.source,
                        .cause = "not observed"});
}

std::string EndpointTracker::CauseOf(TcpState from, TcpState to,
                                     const Event& event) const {
  switch (to) {
    case TcpState::kSynSent:
      return "sent SYN";
    case TcpState::kSynRecv:
      return from == TcpState::kSynSent ? "received SYN" : "sent SYN|ACK";
    case TcpState::kEstablished:
      return from == TcpState::kSynSent ? "received SYN|ACK" : "received ACK";
    case TcpState::kFinWait1:
    case TcpState::kLastAck:
      return "close() or shutdown()";
    case TcpState::kFinWait2:
      return "received ACK of FIN";
    case TcpState::kTimeWait:
      return from == TcpState::kClosing ? "received ACK of FIN"
                                        : "received FIN";
    case TcpState::kCloseWait:
    case TcpState::kClosing:
      return "received FIN";
    default:
      break;
  }
  if (event.kind == Event::Kind::kTimerFired) return "timewait timer";
  if (event.error == ECONNRESET || event.error == ECONNREFUSED ||
      event.error == EPIPE) {
    return "received RST";
  }
  const bool knows_errors = event.source == tcp::Source::kTracepoint;
  if (from == TcpState::kLastAck && knows_errors && event.error == 0) {
    return "received ACK of FIN";
  }
  return CauseOf(to, event.at);
}

// An event tells what happened; the segment that follows it, in what way.
void EndpointTracker::Explain(const Packet& packet) {
  if (!unexplained_ || confirmed_.empty()) return;
  Transition& last = confirmed_.back();
  if (packet.at > last.at + kSameCall || packet.at < last.at - kSameCall) {
    return;
  }
  const bool closing =
      last.to == TcpState::kFinWait1 || last.to == TcpState::kLastAck;
  if (packet.sent && closing && (packet.flags & tcp::kFin) != 0) {
    last.cause = "sent FIN";
  } else if (last.to == TcpState::kClosed && (packet.flags & tcp::kRst) != 0) {
    last.cause = packet.sent ? "sent RST" : "received RST";
  } else if (last.from == TcpState::kLastAck && !packet.sent && fin_end_ &&
             packet.ack == *fin_end_) {
    last.cause = "received ACK of FIN";
  } else {
    return;
  }
  unexplained_ = false;
}

// Does the look tell of a time before what the kernel has told since, or of the
// moment between its telling and its doing? It says nothing new then. That
// moment is long if an interrupt falls into it, as the one that wakes us may.
bool EndpointTracker::Precedes(const Sample& sample) {
  if (replaced_ && sample.before < replaced_->at) return true;
  if (confirmed_.empty()) return false;
  Transition& last = confirmed_.back();
  const TcpState seen = StateOf(sample);
  if (!IsTold(last) || seen == last.to) return false;
  if (sample.before <= last.latest) return true;
  const bool proposed =
      std::any_of(pending_.begin(), pending_.end(),
                  [&](const Transition& t) { return t.to == seen; });
  const bool stored = !samples_.empty() && samples_.back().before >= last.at &&
                      StateOf(samples_.back()) == last.to;
  if (stored || proposed || seen != last.from ||
      sample.before > last.at + kInterruption || ++doubts_ >= kDoubts) {
    return false;
  }
  last.latest = sample.after + AfterEvent();
  return true;
}

// A look tells what came after the full socket.
void EndpointTracker::Resolve(const Sample& sample) {
  const Event event = *replaced_;
  replaced_.reset();
  const TcpState seen = StateOf(sample);
  const bool proposed =
      !pending_.empty() && pending_.front().to == TcpState::kTimeWait;
  const bool later = proposed && pending_.front().at > event.at;
  if (seen == TcpState::kFinWait2 || later) {
    minisock_ = event.from == TcpState::kFinWait2;
  } else if (seen == TcpState::kTimeWait ||
             (seen == TcpState::kClosed && !proposed)) {
    minisock_ = seen == TcpState::kTimeWait;
    Assert(event.from, seen, event);
    // A minisock is there before the full socket tells of its end. What no
    // segment tells may have come later, to it.
    confirmed_.back().earliest = event.at - AfterEvent();
    if (!proposed) confirmed_.back().latest = sample.after;
  }
}

// The timer that was stopped, or gave up, tells when the socket went.
void EndpointTracker::SharpenEnd() {
  if (!stopped_ || confirmed_.empty() || state() != TcpState::kClosed) return;
  Transition& end = confirmed_.back();
  if (*stopped_ < end.earliest - kSameCall || *stopped_ > end.latest) return;
  end.at = end.earliest = *stopped_;
  end.latest = *stopped_ + AfterEvent();
  end.source = tcp::Source::kTracepoint;
}

}  // namespace finwait::observe
