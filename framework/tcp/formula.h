// Formulas that scenarios name instead of a number: "tcp_fin_timeout".
//
// A formula knows which sysctls and socket options it depends on and restates
// linux_timing's functions with their values; its explanation shows them. Read
// are, of the endpoint's host (all under net.ipv4):
//
// tcp_fin_timeout     tcp_fin_timeout, tcp_timestamps
// time_wait           none
// tcp_orphan_retries  tcp_orphan_retries, and what every retransmission from
//                     an established connection depends on: tcp_sack,
//                     tcp_early_retrans, tcp_rto_min_us, tcp_rto_max_ms
// tcp_retries2        tcp_retries2 and the same four
// tcp_syn_retries     tcp_syn_retries, tcp_syn_linear_timeouts, tcp_rto_max_ms
// tcp_synack_retries  tcp_synack_retries
// tcp_user_timeout    those of the ladder it cuts short
// tcp_keepalive       tcp_keepalive_time, _intvl, _probes
// fin_wait2_floor     tcp_timestamps
// delayed_ack         none
//
// Socket options: TCP_LINGER2, TCP_USER_TIMEOUT, TCP_SYNCNT, TCP_RTO_MAX_MS,
// TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT. Sysctls that old kernels lack
// (tcp_syn_linear_timeouts, tcp_rto_min_us, tcp_rto_max_ms) count as the
// constant that was there before them.
//
// Only this host's sysctls are seen: a tail loss probe is expected although
// the peer may have refused SACK.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tcp/linux_timing.h"
#include "tcp/timeline.h"

namespace finwait::tcp {

// What a formula may ask for. `sysctl` returns the value of an integer sysctl
// of the endpoint's host, empty when this kernel has none.
struct FormulaInputs {
  int hz = 250;
  std::function<std::optional<std::int64_t>(std::string_view name)> sysctl;
  SocketOptions options;
  // Of the last look at the full socket. An RTT of 0 says that nothing had
  // been measured yet: the socket was still in SYN_SENT.
  std::optional<TcpInfo> info;
};

struct FormulaValue {
  TimerChain chain;  // its nominal sum is the duration
  // The lower bound: chain.nominal(), save for ladders whose limit lies close
  // to a rung (Ladder::earliest_death).
  Duration earliest{};
  // "tcp_fin_time = max(tcp_fin_timeout 61s, 3.5 * RTO 204ms = 714ms) = 61s;
  //  above 60s the orphan lives 2 * (61s - 60s): 1s as a full socket, ..."
  std::string explanation;
  // By so much more than nominal it may be: what came after the last look at
  // the socket is not in its TCP_INFO.
  Duration more{};
};

struct FormulaDescription {
  std::string name;
  std::string meaning;  // one sentence, for --help and the reference
  std::string source;   // kernel file and function
};

// tcp_fin_timeout     an orphan's FIN_WAIT2, all stages, TCP_LINGER2 included
// time_wait           TIME_WAIT
// tcp_orphan_retries  FIN_WAIT1, CLOSING or LAST_ACK of an orphan into a void
// tcp_retries2        owned socket with unacknowledged data into a void
// tcp_syn_retries     SYN_SENT into a void
// tcp_synack_retries  SYN_RECV of an embryonic connection
// tcp_user_timeout    TCP_USER_TIMEOUT of that socket, from the transmission:
//                     the kernel counts from the first RTO retransmission, in
//                     SYN_SENT from the first SYN
// tcp_keepalive       from the last segment to the abort
// fin_wait2_floor     3.5 * RTO
// delayed_ack         FIN_WAIT1 towards a live peer: at most RTT + 40 ms, or
//                     two RTT between 40 ms and 200 ms
const std::vector<FormulaDescription>& Formulas();
bool IsFormula(std::string_view name);

// Full names of all sysctls that a formula may ask for, for whoever reads
// them before a run.
const std::vector<std::string>& FormulaSysctls();

// Empty when an input is missing (an absent sysctl, no TCP_INFO yet).
std::optional<FormulaValue> Evaluate(std::string_view name,
                                     const FormulaInputs& inputs);

}  // namespace finwait::tcp
