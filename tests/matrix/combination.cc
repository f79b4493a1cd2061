// All combinations, and those that cannot be.
#include "matrix/combination.h"

#include <algorithm>
#include <cctype>

namespace finwait::matrix {
namespace {

constexpr std::array kStates = {State::kFinWait1,  State::kFinWait2,
                                State::kClosing,   State::kLastAck,
                                State::kCloseWait, State::kTimeWait};
constexpr std::array kSides = {Side::kSubject, Side::kPeer};
constexpr std::array kPeers = {Peer::kAnswers, Peer::kIsSilent, Peer::kResets,
                               Peer::kRestarts};
// What keeps the socket comes last: a process that ends would take it along.
constexpr std::array kActs = {Act::kClose, Act::kExit, Act::kKill,
                              Act::kShutdown};
constexpr std::array kLingers = {Linger::kOff, Linger::kZero,
                                 Linger::kTwoSeconds};
constexpr std::array kLinger2s = {Linger2::kDefault, Linger2::kNegative,
                                  Linger2::kTwo, Linger2::kSixtyTwo};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return lower;
}

std::string_view Name(Side side) {
  return side == Side::kSubject ? "subject" : "peer";
}

std::string_view Name(Peer peer) {
  switch (peer) {
    case Peer::kAnswers:
      return "answers";
    case Peer::kIsSilent:
      return "is_silent";
    case Peer::kResets:
      return "resets";
    case Peer::kRestarts:
      break;
  }
  return "restarts";
}

// All ways to act in one stage.
void AddActs(const Combination& stage, std::vector<Combination>& all) {
  for (const Act act : kActs) {
    for (const Linger linger : kLingers) {
      for (const Linger2 linger2 : kLinger2s) {
        Combination c = stage;
        c.act = act;
        c.linger = linger;
        c.linger2 = linger2;
        all.push_back(c);
      }
    }
  }
}

// Whose FIN comes first in the states that only one order leads to: RFC 9293
// 3.3.2, figure 5. CLOSING and TIME_WAIT come of either.
std::optional<Side> FirstCloserIn(State state) {
  switch (state) {
    case State::kFinWait1:
    case State::kFinWait2:
      return Side::kSubject;
    case State::kCloseWait:
    case State::kLastAck:
      return Side::kPeer;
    case State::kClosing:
    case State::kTimeWait:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Combination> AllCombinations() {
  std::vector<Combination> all;
  for (const State state : kStates) {
    for (const Side opener : kSides) {
      for (const Side first : kSides) {
        for (const Peer peer : kPeers) {
          AddActs(
              {.state = state, .opener = opener, .first = first, .peer = peer},
              all);
        }
      }
    }
  }
  return all;
}

std::optional<std::string_view> ReasonToExclude(const Combination& c) {
  const std::optional<Side> first = FirstCloserIn(c.state);
  if (first == Side::kSubject && c.first == Side::kPeer) {
    return "a FIN of the peer that came first makes it CLOSE_WAIT, one that "
           "crosses makes it CLOSING";
  }
  if (first == Side::kPeer && c.first == Side::kSubject) {
    return "who closes first is never the one that is left to close";
  }
  return std::nullopt;
}

std::string_view Name(State state) {
  switch (state) {
    case State::kFinWait1:
      return "FIN_WAIT1";
    case State::kFinWait2:
      return "FIN_WAIT2";
    case State::kClosing:
      return "CLOSING";
    case State::kLastAck:
      return "LAST_ACK";
    case State::kCloseWait:
      return "CLOSE_WAIT";
    case State::kTimeWait:
      break;
  }
  return "TIME_WAIT";
}

std::string_view Name(Act act) {
  switch (act) {
    case Act::kClose:
      return "close";
    case Act::kExit:
      return "exit";
    case Act::kKill:
      return "kill";
    case Act::kShutdown:
      break;
  }
  return "shutdown";
}

std::string_view Name(Linger linger) {
  switch (linger) {
    case Linger::kOff:
      return "off";
    case Linger::kZero:
      return "0s";
    case Linger::kTwoSeconds:
      break;
  }
  return "2s";
}

std::string_view Name(Linger2 linger2) {
  switch (linger2) {
    case Linger2::kDefault:
      return "default";
    case Linger2::kNegative:
      return "negative";
    case Linger2::kTwo:
      return "2s";
    case Linger2::kSixtyTwo:
      break;
  }
  return "62s";
}

std::string NameOf(const Combination& c) {
  return std::string(Name(c.act)) + "_linger_" + std::string(Name(c.linger)) +
         "_linger2_" + std::string(Name(c.linger2));
}

std::string StageOf(const Combination& c) {
  return Lower(Name(c.state)) + "_opened_by_" + std::string(Name(c.opener)) +
         "_closed_first_by_" + std::string(Name(c.first)) + "_peer_" +
         std::string(Name(c.peer));
}

}  // namespace finwait::matrix
