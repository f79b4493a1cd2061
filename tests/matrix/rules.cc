// The rules, each with where it stands in Linux 7.3.
#include "matrix/rules.h"

#include <stdexcept>

namespace finwait::matrix {
namespace {

constexpr const char* kAbortOnData = "TcpExtTCPAbortOnData";
constexpr const char* kAbortOnLinger = "TcpExtTCPAbortOnLinger";
constexpr const char* kAbortOnTimeout = "TcpExtTCPAbortOnTimeout";
constexpr const char* kEstabResets = "TcpEstabResets";
constexpr const char* kOutRsts = "TcpOutRsts";
constexpr const char* kTimeWaits = "TcpExtTW";
constexpr const char* kShortTimeWaits = "TcpExtTWKilled";

void Count(Fate& fate, const char* counter) { ++fate.counters[counter]; }

void Enter(Fate& fate, const char* state) {
  fate.path.push_back({.state = state, .lasts = "", .timer = ""});
}

void End(Fate& fate, const char* ending) {
  Enter(fate, "CLOSED");
  fate.ends = ending;
}

// How the subject came to where it acts: RFC 9293 3.3.2, figure 5.
void ComeTo(const Combination& c, Fate& fate) {
  const bool crossed = c.first == Side::kPeer;
  switch (c.state) {
    case State::kFinWait1:
      return Enter(fate, "FIN_WAIT1");
    case State::kFinWait2:
      Enter(fate, "FIN_WAIT1");
      return Enter(fate, "FIN_WAIT2");
    case State::kClosing:
      Enter(fate, "FIN_WAIT1");
      return Enter(fate, "CLOSING");
    case State::kCloseWait:
      return Enter(fate, "CLOSE_WAIT");
    case State::kLastAck:
      Enter(fate, "CLOSE_WAIT");
      return Enter(fate, "LAST_ACK");
    case State::kTimeWait:
      Enter(fate, "FIN_WAIT1");
      Enter(fate, crossed ? "CLOSING" : "FIN_WAIT2");
      return Enter(fate, "TIME_WAIT");
  }
}

// A reset closes in every state, and is an error for who still holds the socket
// (net/ipv4/tcp_input.c tcp_reset()).
void ReceiveReset(Fate& fate) {
  fate.send_fails = "ECONNRESET";
  End(fate, "received reset");
}

void SendReset(Fate& fate, const char* counter) {
  Count(fate, kOutRsts);
  Count(fate, counter);
  End(fate, "sent reset");
}

// 60 s whatever is set (include/net/tcp.h TCP_TIMEWAIT_LEN). What is armed for
// more than 4 s counts as TW at its birth (net/ipv4/inet_timewait_sock.c
// __inet_twsk_schedule()).
void WaitTimeWait(Fate& fate) {
  fate.path.push_back({"TIME_WAIT", "time_wait", "timewait"});
  End(fate, "fin");
}

// The minisock of FIN_WAIT2 is counted when it is born, by its length: 2 s are
// TCP_LINGER2 = 2, or the second stage of 62.
void CountMinisock(const Combination& c, Fate& fate) {
  const bool is_long = c.linger2 == Linger2::kDefault;
  Count(fate, is_long ? kTimeWaits : kShortTimeWaits);
}

// Above 60 s, a full socket waits for what exceeds 60 s, and only then a
// minisock, as long again (net/ipv4/tcp.c __tcp_close(), tcp_timer.c
// tcp_keepalive_timer()).
bool HasFirstStage(const Combination& c) {
  return c.linger2 == Linger2::kSixtyTwo;
}

void WaitInFinWait2(const Combination& c, Fate& fate) {
  fate.path.back().lasts = "tcp_fin_timeout";
  CountMinisock(c, fate);
  End(fate, "silently");
}

// SO_LINGER 0 is an abort, also for a process that ends, if the FIN is not
// already sent in answer to the peer's: then nobody is told, though it counts
// the same (net/ipv4/tcp.c __tcp_close(), tcp_disconnect(), tcp_need_reset()).
bool Aborts(const Combination& c) {
  return !KeepsSocket(c) && c.linger == Linger::kZero;
}

void Abort(const Combination& c, Fate& fate) {
  if (c.state == State::kClosing || c.state == State::kLastAck) {
    Count(fate, kAbortOnData);
    return End(fate, "silently");
  }
  // RFC 4022 counts those from ESTABLISHED and CLOSE_WAIT (tcp_set_state()).
  if (c.state == State::kCloseWait) Count(fate, kEstabResets);
  SendReset(fate, kAbortOnData);
  // The reset comes after a FIN that was lost, so it is not exactly what the
  // peer waits for: it challenges, and only the answer to that, of a host
  // without the socket, is believed (RFC 5961 3.2, net/ipv4/tcp_input.c
  // tcp_validate_incoming()).
  if (c.state == State::kFinWait1) Count(fate, kOutRsts);
}

// Does a close() wait for the ACK of the FIN? Not in FIN_WAIT2, and never for
// a process that ends (net/ipv4/af_inet.c inet_release(), net/core/stream.c
// sk_stream_wait_close()).
bool Lingers(const Combination& c) {
  const bool unacknowledged =
      c.state != State::kFinWait2 && c.state != State::kTimeWait;
  const bool dead = c.state == State::kCloseWait && c.peer == Peer::kResets;
  return c.act == Act::kClose && c.linger == Linger::kTwoSeconds &&
         unacknowledged && !dead;
}

// A FIN that nobody acknowledges: tcp_orphan_retries for what nobody holds,
// else tcp_retries2 (net/ipv4/tcp_timer.c tcp_write_timeout()). A close() that
// lingers for 2 s holds the socket beyond the rung at which one retry ends, and
// two retries end at the next. CLOSING begins when the ladder has begun, by up
// to a rung of 220 ms: 1.69 s or 3.37 s less that.
void GiveUp(const Combination& c, Fate& fate) {
  const bool owned = KeepsSocket(c) || Lingers(c);
  Stay& last = fate.path.back();
  last.lasts = owned ? "tcp_retries2" : "tcp_orphan_retries";
  last.timer = "retransmit";
  if (c.state == State::kClosing) {
    last.timer = "";
    last.lasts = owned ? "between 3s and 3.7s" : "between 1.3s and 1.9s";
  }
  Count(fate, kAbortOnTimeout);
  fate.send_fails = "ETIMEDOUT";
  End(fate, "silently");
}

// A negative TCP_LINGER2 lets no orphan wait. If the FIN is acknowledged to an
// orphan, the ACK is answered with a reset (tcp_input.c
// tcp_rcv_state_process()); if close() finds FIN_WAIT2, as one that has
// lingered does, it sends the reset itself (tcp.c __tcp_close()).
void RefuseToWait(const Combination& c, Fate& fate) {
  const bool by_close = c.state == State::kFinWait2 || Lingers(c);
  SendReset(fate, by_close ? kAbortOnLinger : kAbortOnData);
}

// --- by state ----------------------------------------------------------------

void InFinWait1(const Combination& c, Fate& fate) {
  if (c.peer == Peer::kIsSilent) return GiveUp(c, fate);
  if (c.peer != Peer::kAnswers) return ReceiveReset(fate);
  Enter(fate, "FIN_WAIT2");
  if (KeepsSocket(c)) {  // no timer: RFC 9293 3.6.1, half-closed
    fate.path.back().lasts = "to the end";
    fate.path.back().timer = "off";
  } else if (c.linger2 == Linger2::kNegative) {
    RefuseToWait(c, fate);
  } else {
    fate.path.back().timer = HasFirstStage(c) ? "keepalive" : "timewait";
    WaitInFinWait2(c, fate);
  }
}

// The peer's FIN makes it TIME_WAIT, and a minisock is not counted twice (net/
// ipv4/tcp_minisocks.c tcp_timewait_state_process()).
void OrphanInFinWait2(const Combination& c, Fate& fate) {
  const bool minisock = !HasFirstStage(c);
  switch (c.peer) {
    case Peer::kAnswers:
      minisock ? CountMinisock(c, fate) : Count(fate, kTimeWaits);
      return WaitTimeWait(fate);
    case Peer::kResets:
      if (minisock) CountMinisock(c, fate);
      return ReceiveReset(fate);
    case Peer::kIsSilent:
    case Peer::kRestarts:  // FIN_WAIT2 sends nothing: nobody is asked
      return WaitInFinWait2(c, fate);
  }
}

void InFinWait2(const Combination& c, Fate& fate) {
  const bool refuses = c.linger2 == Linger2::kNegative;
  if (!KeepsSocket(c)) {
    return refuses ? RefuseToWait(c, fate) : OrphanInFinWait2(c, fate);
  }
  fate.path.back().timer = "off";
  if (c.peer == Peer::kResets) return ReceiveReset(fate);
  if (c.peer == Peer::kAnswers) {
    Count(fate, kTimeWaits);
    return WaitTimeWait(fate);
  }
  fate.path.back().lasts = "to the end";
}

void InClosing(const Combination& c, Fate& fate) {
  if (c.peer == Peer::kIsSilent) return GiveUp(c, fate);
  if (c.peer != Peer::kAnswers) return ReceiveReset(fate);
  Count(fate, kTimeWaits);
  WaitTimeWait(fate);
}

void InLastAck(const Combination& c, Fate& fate) {
  if (c.peer == Peer::kIsSilent) return GiveUp(c, fate);
  if (c.peer != Peer::kAnswers) return ReceiveReset(fate);
  End(fate, "fin");
}

// The peer resets first here, which is EPIPE: it had said that it was done
// (tcp_input.c tcp_reset()).
void InCloseWait(const Combination& c, Fate& fate) {
  if (c.peer == Peer::kResets) {
    ReceiveReset(fate);
    Count(fate, kEstabResets);
    fate.send_fails = "EPIPE";
    fate.act_fails = "ENOTCONN";
    return;
  }
  if (Aborts(c)) return Abort(c, fate);
  Enter(fate, "LAST_ACK");
  InLastAck(c, fate);
}

// The full socket is CLOSED already; what its owner does to it reaches the
// minisock no more. Nor does what the peer does with a socket that has sent its
// FIN and received ours: it aborts without a reset (tcp_need_reset()). Only a
// FIN that is sent again, soon for want of its ACK, begins the minute anew and
// is acknowledged again (tcp_minisocks.c tcp_timewait_state_process()).
void InTimeWait(const Combination& c, Fate& fate) {
  const bool anew = c.peer == Peer::kAnswers;
  const bool crossed = c.first == Side::kPeer;
  Count(fate, kTimeWaits);
  fate.path.pop_back();
  fate.act_fails = "ENOTCONN";
  // FINs that cross are acknowledged in CLOSING.
  fate.acks_in_time_wait = (crossed ? 0 : 1) + (anew ? 1 : 0);
  WaitTimeWait(fate);
  if (anew) (fate.path.end() - 2)->lasts = "between 60.1s and 65.6s";
}

void Decide(const Combination& c, Fate& fate) {
  if (c.state == State::kTimeWait) return InTimeWait(c, fate);
  if (c.state == State::kCloseWait) return InCloseWait(c, fate);
  if (Aborts(c)) return Abort(c, fate);
  switch (c.state) {
    case State::kFinWait1:
      return InFinWait1(c, fate);
    case State::kFinWait2:
      return InFinWait2(c, fate);
    case State::kClosing:
      return InClosing(c, fate);
    default:
      return InLastAck(c, fate);
  }
}

// close(2) always succeeds; shutdown(2) wants a connection (net/ipv4/af_inet.c
// inet_shutdown()). A send() after the FIN is EPIPE, or what has ended the
// connection (net/core/stream.c sk_stream_error()).
void TellTheApplication(const Combination& c, Fate& fate) {
  if (!KeepsSocket(c)) {
    fate.act_fails = fate.send_fails = "";
  } else if (fate.send_fails.empty()) {
    fate.send_fails = "EPIPE";
  }
  if (c.act != Act::kClose) return;
  fate.act_takes = !Lingers(c)                 ? "at most 10ms"
                   : c.peer == Peer::kIsSilent ? "2s"
                                               : "at most 1s";
}

}  // namespace

Fate FateOf(const Combination& c) {
  if (const auto reason = ReasonToExclude(c)) {
    throw std::invalid_argument(std::string(*reason));
  }
  Fate fate;
  ComeTo(c, fate);
  Decide(c, fate);
  TellTheApplication(c, fate);
  return fate;
}

const std::vector<std::string_view>& CountersOfRules() {
  static const std::vector<std::string_view> counters = {
      kAbortOnData,
      kAbortOnLinger,
      kAbortOnTimeout,
      kEstabResets,
      kOutRsts,
      kTimeWaits,
      kShortTimeWaits,
      "TcpExtTCPAbortOnClose",
      "TcpExtTCPAbortOnMemory",
      "TcpExtTCPAbortFailed",
      "TcpExtTCPTimeWaitOverflow"};
  return counters;
}

}  // namespace finwait::matrix
