// Names of the states, and which may follow which.
#include "tcp/tcp_state.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace finwait::tcp {
namespace {

using enum TcpState;

constexpr std::array<std::pair<TcpState, std::string_view>, 11> kNames = {{
    {kEstablished, "ESTABLISHED"},
    {kSynSent, "SYN_SENT"},
    {kSynRecv, "SYN_RECV"},
    {kFinWait1, "FIN_WAIT1"},
    {kFinWait2, "FIN_WAIT2"},
    {kTimeWait, "TIME_WAIT"},
    {kClosed, "CLOSED"},
    {kCloseWait, "CLOSE_WAIT"},
    {kLastAck, "LAST_ACK"},
    {kListen, "LISTEN"},
    {kClosing, "CLOSING"},
}};

bool OneOf(TcpState state, std::initializer_list<TcpState> set) {
  return std::find(set.begin(), set.end(), state) != set.end();
}

}  // namespace

std::string_view Name(TcpState state) {
  for (const auto& [value, name] : kNames) {
    if (value == state) return name;
  }
  return "UNKNOWN";
}

std::optional<TcpState> ParseTcpState(std::string_view name) {
  if (name == "CLOSE") return kClosed;
  for (const auto& [value, text] : kNames) {
    if (text == name) return value;
  }
  return std::nullopt;
}

bool IsLegalTransition(TcpState from, TcpState to) {
  if (from == kClosed) return OneOf(to, {kListen, kSynSent, kSynRecv});
  if (to == kClosed) return true;
  switch (from) {
    case kListen:  // a child is cloned from its listener in SYN_RECV
      return to == kSynRecv;
    case kSynSent:  // SYN_RECV: simultaneous open
      return OneOf(to, {kEstablished, kSynRecv});
    case kSynRecv:
      // The ACK that ends it may carry a FIN, and a simultaneous opener may
      // close() before it arrives.
      return OneOf(to, {kEstablished, kFinWait1});
    case kEstablished:
      return OneOf(to, {kFinWait1, kCloseWait});
    case kFinWait1:
      // TIME_WAIT: one segment brought the FIN and the ACK of ours. Linux
      // passes through FIN_WAIT2 within that segment's processing.
      return OneOf(to, {kFinWait2, kClosing, kTimeWait});
    case kFinWait2:
    case kClosing:
      return to == kTimeWait;
    case kCloseWait:
      return to == kLastAck;
    case kTimeWait:
      // A new SYN for a listener revives the four numbers, as a new socket.
      return to == kSynRecv;
    default:
      return false;
  }
}

}  // namespace finwait::tcp
