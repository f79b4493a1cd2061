// The TCP states as Linux numbers and names them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace finwait::tcp {

// Values equal include/net/tcp_states.h, so a state from sock_diag or BPF is
// a cast away. Names in scenarios and reports are the kernel's without TCP_
// ("FIN_WAIT2"); RFC 9293 section 3.3.2 writes FIN-WAIT-2.
//
// kSynRecv also stands for a request socket (TCP_NEW_SYN_RECV, 12), as ss(8)
// and /proc/net/tcp print it. kClosed (TCP_CLOSE) means "no such socket".
enum class TcpState : std::uint8_t {
  kEstablished = 1,
  kSynSent = 2,
  kSynRecv = 3,
  kFinWait1 = 4,
  kFinWait2 = 5,
  kTimeWait = 6,
  kClosed = 7,
  kCloseWait = 8,
  kLastAck = 9,
  kListen = 10,
  kClosing = 11,
};

// "FIN_WAIT2"; "CLOSED" for kClosed.
std::string_view Name(TcpState state);

// The inverse of Name; "CLOSE" is accepted for CLOSED.
std::optional<TcpState> ParseTcpState(std::string_view name);

// Can Linux take one socket from `from` directly to `to`? A reset, a timeout
// or an abort takes every state to kClosed. (Linux: net/ipv4/tcp_input.c
// tcp_rcv_state_process(), tcp.c new_state[]; RFC 9293 section 3.3.2.)
bool IsLegalTransition(TcpState from, TcpState to);

}  // namespace finwait::tcp
