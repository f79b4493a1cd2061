// The combinations of the matrix: what one side of a connection, the subject,
// does to its socket in each state, with each lingering option, against each
// behaviour of its peer. Pure.
//
// `state` is the one the subject is in when it acts; where its own FIN belongs
// to that state, it has half-closed before, by shutdown(SHUT_WR). The peer's
// behaviour begins then, too: after the act, but in CLOSE_WAIT, which the act
// may leave, before it. TIME_WAIT waits for nothing: there the peer is silent
// because all is said, and does anything else for want of the last ACK, which
// was lost.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace finwait::matrix {

enum class State : std::uint8_t {
  kFinWait1,
  kFinWait2,
  kClosing,
  kLastAck,
  kCloseWait,
  kTimeWait,
};
enum class Side : std::uint8_t { kSubject, kPeer };
enum class Act : std::uint8_t {
  kClose,     // close(2)
  kExit,      // the process ends with the socket open
  kKill,      // the same by SIGKILL
  kShutdown,  // shutdown(SHUT_WR), and the socket stays open
};
enum class Linger : std::uint8_t { kOff, kZero, kTwoSeconds };
enum class Linger2 : std::uint8_t { kDefault, kNegative, kTwo, kSixtyTwo };
enum class Peer : std::uint8_t {
  kAnswers,   // what the state is there for comes: an ACK of the FIN; in
              // FIN_WAIT2 a FIN, in TIME_WAIT one again
  kIsSilent,  // it never comes: the subject's FIN is lost each time
  kResets,    // the peer's application aborts: a reset comes
  kRestarts,  // its machine knows nothing of the connection any more, and
};            // answers with a reset if asked

struct Combination {
  State state = State::kFinWait1;
  Side opener = Side::kSubject;  // who connected
  Side first = Side::kSubject;   // whose FIN was sent first
  Peer peer = Peer::kAnswers;
  Act act = Act::kClose;
  Linger linger = Linger::kOff;
  Linger2 linger2 = Linger2::kDefault;
  friend bool operator==(const Combination&, const Combination&) = default;
};

// Every combination there is, possible or not, those of one Stage together.
std::vector<Combination> AllCombinations();

// Why it cannot be, or nothing if it can.
std::optional<std::string_view> ReasonToExclude(const Combination& c);

std::string_view Name(State state);  // "FIN_WAIT1"
std::string_view Name(Act act);      // "close"
std::string_view Name(Linger linger);
std::string_view Name(Linger2 linger2);

// "close_linger_off_linger2_62": one connection within its stage.
std::string NameOf(const Combination& c);
// "fin_wait1_opened_by_subject_closed_first_by_subject_peer_answers": what the
// combinations of one scenario have in common.
std::string StageOf(const Combination& c);

// Does the subject keep its descriptor?
inline bool KeepsSocket(const Combination& c) {
  return c.act == Act::kShutdown;
}

}  // namespace finwait::matrix
