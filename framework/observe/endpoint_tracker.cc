// The TCP state machine as seen from the wire (RFC 9293 section 3.3.2; Linux:
// net/ipv4/tcp_input.c tcp_rcv_state_process(), tcp_fin()).
#include "observe/endpoint_tracker.h"

#include <algorithm>

#include "tcp/sequence.h"

namespace finwait::observe {
namespace {

using tcp::After;
using tcp::EndOf;
using tcp::Packet;
using tcp::TcpState;
using tcp::Transition;

bool Has(const Packet& packet, std::uint8_t flags) {
  return (packet.flags & flags) == flags;
}

// A segment leaves in the same call that changes the state, unless something
// before it is still in flight. This bounds that call's length.
constexpr Duration kSendPath = std::chrono::milliseconds(1);

// The transition came at `from`, or at most `path` after it.
void Bound(Transition& transition, TimePoint from, Duration path) {
  transition.earliest = from;
  transition.latest = std::min(transition.latest, from + path);
  if (transition.at > transition.latest) transition.at = from;
}

}  // namespace

TcpState EndpointTracker::StateAfter(std::size_t pending) const {
  if (pending > 0) return pending_[pending - 1].to;
  return confirmed_.empty() ? initial_ : confirmed_.back().to;
}

TcpState EndpointTracker::state() const { return StateAfter(0); }

TimePoint EndpointTracker::since() const {
  return confirmed_.empty() ? TimePoint() : confirmed_.back().at;
}

TcpState EndpointTracker::supposed() const {
  return StateAfter(pending_.size());
}

bool EndpointTracker::finished() const {
  return !confirmed_.empty() && !in_doubt() && state() == TcpState::kClosed;
}

// Where the kernel tells of states, it will tell of this end. Only TIME_WAIT
// makes room for another connection (RFC 9293 section 3.6.1, MAY-2).
bool EndpointTracker::IsOverBy(const Packet& syn) const {
  if (told_ || !syn_ || syn.seq == *syn_) return false;
  return supposed() == TcpState::kTimeWait ||
         (!pending_.empty() && supposed() == TcpState::kClosed);
}

void EndpointTracker::EndBy(const Packet& syn) {
  Confirm(pending_.size(), {.before = syn.at, .after = syn.at});
  missing_.reset();
  doubts_ = 0;
  if (state() == TcpState::kClosed) return;
  confirmed_.push_back({.from = state(),
                        .to = TcpState::kClosed,
                        .at = syn.at,
                        .earliest = std::min(evidence_, syn.at),
                        .latest = syn.at,
                        .source = tcp::Source::kPacket,
                        .cause = "another connection"});
}

bool EndpointTracker::OnPacket(const Packet& packet) {
  const std::size_t before = pending_.size();
  const bool repetition = packet.sent && IsRepetition(packet);
  Explain(packet);
  if (packet.sent) {
    OnSent(packet);
  } else {
    OnReceived(packet);
  }
  // A segment received in these states may end the socket or restart its
  // timer; one behind a FIN that was not in order may complete it.
  const TcpState now = supposed();
  const bool touches =
      !packet.sent && (now == TcpState::kFinWait2 ||
                       now == TcpState::kTimeWait || peer_fin_end_);
  const bool alive = now != TcpState::kClosed;
  // A cookie that comes back makes a socket.
  const bool cookie = !packet.sent && !alive && blank() && sent_;
  return pending_.size() != before || cookie ||
         (alive && (repetition || touches));
}

bool EndpointTracker::IsRepetition(const Packet& packet) const {
  return sent_ && After(*sent_, packet.seq);
}

void EndpointTracker::OnSent(const Packet& packet) {
  const TcpState now = supposed();
  const std::uint32_t end = EndOf(packet);
  if (Has(packet, tcp::kRst)) {
    if (now != TcpState::kClosed)
      Suppose(TcpState::kClosed, packet, "sent RST");
    return;
  }
  if (Has(packet, tcp::kSyn)) syn_ = packet.seq;
  if (Has(packet, tcp::kSyn | tcp::kAck)) {
    if (now == TcpState::kClosed || now == TcpState::kSynSent) {
      Suppose(TcpState::kSynRecv, packet, "sent SYN|ACK");
      if (now == TcpState::kClosed) BoundSynRecv();
    }
  } else if (Has(packet, tcp::kSyn)) {
    if (now == TcpState::kClosed)
      Suppose(TcpState::kSynSent, packet, "sent SYN");
  } else if (Has(packet, tcp::kFin)) {
    fin_end_ = end;
    if (now == TcpState::kEstablished || now == TcpState::kSynRecv) {
      Suppose(TcpState::kFinWait1, packet, "sent FIN");
    } else if (PeersFinCrosses(packet)) {
      Cross(packet.at, "sent FIN");
    } else if (now == TcpState::kCloseWait) {
      Suppose(TcpState::kLastAck, packet, "sent FIN");
    }
  }
  if (!sent_ || After(end, *sent_)) {
    sent_ = end;
    window_closed_ = false;
  }
}

void EndpointTracker::OnReceived(const Packet& packet) {
  TcpState now = supposed();
  if (Has(packet, tcp::kRst)) {
    if (now != TcpState::kClosed)
      Suppose(TcpState::kClosed, packet, "received RST");
    return;
  }
  const bool ack = Has(packet, tcp::kAck);
  const bool syn = Has(packet, tcp::kSyn);
  if (ack && packet.window == 0) window_closed_ = true;
  if (ack && (!acknowledged_ || After(packet.ack, *acknowledged_))) {
    acknowledged_ = packet.ack;
  }
  if (now == TcpState::kClosed && syn && !ack) {
    if (++syns_ == 1) first_syn_ = packet.at;
  } else if (now == TcpState::kSynSent && syn) {
    Suppose(ack ? TcpState::kEstablished : TcpState::kSynRecv, packet,
            ack ? "received SYN|ACK" : "received SYN");
  } else if (now == TcpState::kSynRecv && ack && sent_ &&
             !After(*sent_, packet.ack)) {
    Suppose(TcpState::kEstablished, packet, "received ACK");
  }
  if (ack && fin_end_ && !After(*fin_end_, packet.ack)) {
    now = supposed();
    if (now == TcpState::kFinWait1) {
      Suppose(TcpState::kFinWait2, packet, "received ACK of FIN");
    } else if (now == TcpState::kClosing) {
      Suppose(TcpState::kTimeWait, packet, "received ACK of FIN");
    } else if (now == TcpState::kLastAck) {
      Suppose(TcpState::kClosed, packet, "received ACK of FIN");
    }
  }
  if (!Has(packet, tcp::kFin)) return;
  peer_fin_end_ = EndOf(packet);
  now = supposed();
  if (now == TcpState::kEstablished) {
    before_peer_fin_ = evidence_;
    Suppose(TcpState::kCloseWait, packet, "received FIN");
  } else if (now == TcpState::kFinWait1) {
    Suppose(TcpState::kClosing, packet, "received FIN");
  } else if (now == TcpState::kFinWait2) {
    Suppose(TcpState::kTimeWait, packet, "received FIN");
  }
}

// A SYN|ACK may be seen late, but the SYN that it answers was seen in time: of
// several, any may have been the one that was accepted.
void EndpointTracker::BoundSynRecv() {
  if (!first_syn_) return;
  Transition& transition = pending_.back();
  if (syns_ > 1) {
    transition.earliest = *first_syn_;
    return;
  }
  Bound(transition, *first_syn_, kReceivePath);
}

bool EndpointTracker::SupposesCloseWait() const {
  return !pending_.empty() && pending_.back().from == TcpState::kEstablished &&
         pending_.back().to == TcpState::kCloseWait;
}

// Our FIN left after the peer's came in, but does not acknowledge it.
bool EndpointTracker::PeersFinCrosses(const Packet& fin) const {
  return SupposesCloseWait() && After(*peer_fin_end_, fin.ack);
}

// When the peer's FIN was processed, ours had been sent: it was in a queue, or
// on its way to the capture.
void EndpointTracker::Cross(TimePoint latest, std::string_view cause) {
  Transition& close_wait = pending_.back();
  Transition fin_wait1 = close_wait;
  fin_wait1.to = close_wait.from = TcpState::kFinWait1;
  close_wait.to = TcpState::kClosing;
  fin_wait1.earliest = std::min(before_peer_fin_, fin_wait1.at);
  fin_wait1.latest = latest;
  fin_wait1.cause = cause;
  pending_.insert(pending_.end() - 1, std::move(fin_wait1));
}

TimePoint EndpointTracker::EarliestSend(TimePoint sent) const {
  if (queued_) return std::min(evidence_, sent);
  const bool in_flight =
      sent_ && acknowledged_ && After(*sent_, *acknowledged_);
  return in_flight || window_closed_
             ? std::min(evidence_, sent)
             : std::max(std::min(evidence_, sent), sent - kSendPath);
}

void EndpointTracker::Suppose(TcpState to, const Packet& packet,
                              std::string_view cause) {
  // Overtaken by the event that it caused, or by the one that caused it.
  if (!confirmed_.empty() && packet.at < confirmed_.back().at) return;
  const TimePoint earliest = packet.sent ? EarliestSend(packet.at) : packet.at;
  // tcp_abort() sends its RST before it closes the socket, tcp_close() after.
  const bool rst = packet.sent && Has(packet, tcp::kRst);
  pending_.push_back({.from = supposed(),
                      .to = to,
                      .at = packet.at,
                      .earliest = earliest,
                      .latest = rst ? packet.at + kSendPath : packet.at,
                      .source = tcp::Source::kPacket,
                      .cause = std::string(cause)});
  evidence_ = std::max(evidence_, packet.at);
  doubts_ = 0;
  doubted_.reset();
}

void EndpointTracker::OnCall(TimePoint at) {
  if (pending_.empty()) evidence_ = std::max(evidence_, at);
  // Only connect() can have begun before the SYN was seen, and it is known
  // when it returns.
  Transition* first = !confirmed_.empty() ? confirmed_.data()
                      : !pending_.empty() ? pending_.data()
                                          : nullptr;
  if (first == nullptr || first->to != TcpState::kSynSent) return;
  if (at < first->earliest || at > first->latest) return;
  Bound(*first, at, kSendPath);
}

}  // namespace finwait::observe
