// Formulas that scenarios name instead of a number: "tcp_fin_timeout".
//
// A formula knows which sysctls and socket options it depends on and restates
// linux_timing's functions with their values; its explanation shows them.
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
  std::optional<TcpInfo> info;  // of the last look at the full socket
};

struct FormulaValue {
  TimerChain chain;  // its nominal sum is the duration
  // "tcp_fin_time = max(tcp_fin_timeout 61s, 3.5 * RTO 204ms = 714ms) = 61s;
  //  above 60s the orphan lives 2 * (61s - 60s): 1s as a full socket, ..."
  std::string explanation;
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
// tcp_user_timeout    TCP_USER_TIMEOUT of that socket
// tcp_keepalive       from the last segment to the abort
// fin_wait2_floor     3.5 * RTO
// delayed_ack         FIN_WAIT1 towards a live peer: at most RTT + 40 ms
const std::vector<FormulaDescription>& Formulas();
bool IsFormula(std::string_view name);

// Empty when an input is missing (an absent sysctl, no TCP_INFO yet).
std::optional<FormulaValue> Evaluate(std::string_view name,
                                     const FormulaInputs& inputs);

}  // namespace finwait::tcp
