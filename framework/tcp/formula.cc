// The formulas: which arithmetic each stands for, and how it is told.
#include "tcp/formula.h"

#include <algorithm>
#include <array>

#include "tcp/formula_ladders.h"
#include "tcp/formula_settings.h"

namespace finwait::tcp {
namespace {

// A delayed ACK of the FIN, 40 ms, raises the smoothed round trip by an eighth
// of itself (RFC 6298 section 2.3), and the RTO with it, rounded up to a jiffy.
Duration RaisedByAck(Duration rto, int hz) {
  constexpr Duration kEighth = std::chrono::milliseconds(5);
  const Duration raised = rto + std::max(kEighth, Jiffy(hz));
  return FinWait2Floor(raised, hz) - FinWait2Floor(rto, hz);
}

FormulaValue OneTimer(Duration duration, std::string explanation) {
  return {{{duration}}, duration, std::move(explanation)};
}

std::string FloorText(Duration rto, int hz) {
  return "3.5 * RTO " + Format(rto) + " = " + Format(FinWait2Floor(rto, hz));
}

// "tcp_fin_time() = max(tcp_fin_timeout 61s, 3.5 * RTO 204ms = 716ms) = 61s"
std::string FinTimeText(const Setting& wanted, const FinWait2Inputs& fin,
                        int hz) {
  std::string text = "tcp_fin_time() = max(" + Text(wanted, "s");
  if (fin.linger2 && *fin.linger2 > kLinger2Max) {
    text += " capped at " + Format(kLinger2Max);
  }
  return text + ", " + FloorText(fin.rto, hz) +
         ") = " + Format(FinTime(fin, hz));
}

std::string StagesText(const TimerChain& chain) {
  if (chain.stages.size() == 1) {
    return "up to 60s an orphan's FIN_WAIT2 is one timewait minisock of that "
           "length";
  }
  return "above 60s an orphan's FIN_WAIT2 is a full socket for the " +
         Format(chain.stages[0]) +
         " beyond 60s, then a timewait minisock for " +
         Format(chain.stages[1]) + ": " + Format(chain.nominal()) + " in all";
}

Answer FinWait2(const FormulaInputs& inputs) {
  auto wanted = OptionOrSysctl(inputs, "TCP_LINGER2", "tcp_fin_timeout");
  if (!wanted) return std::nullopt;
  bool linger2 = wanted->name == "TCP_LINGER2";
  if (linger2 && wanted->value < 0) {
    return FormulaValue{{},
                        {},
                        Text(*wanted, "s") +
                            " is negative: an orphan is reset instead "
                            "of staying in FIN_WAIT2"};
  }
  FinWait2Inputs fin;
  fin.rto = FloorRto(inputs);
  (linger2 ? fin.linger2.emplace() : fin.fin_timeout) = wanted->as_seconds();
  bool floor_decides = FinTime(fin, inputs.hz) > wanted->as_seconds();
  if (floor_decides && !Measured(inputs)) return std::nullopt;
  TimerChain chain = OrphanFinWait2(fin, inputs.hz);
  return FormulaValue{
      chain, chain.nominal(),
      FinTimeText(*wanted, fin, inputs.hz) + "; " + StagesText(chain),
      floor_decides ? RaisedByAck(fin.rto, inputs.hz) : Duration::zero()};
}

Answer FinWait2FloorOf(const FormulaInputs& inputs) {
  if (!Measured(inputs)) return std::nullopt;
  Duration rto = FloorRto(inputs);
  FormulaValue value = OneTimer(
      FinWait2Floor(rto, inputs.hz),
      "an orphan stays in FIN_WAIT2 for at least " + FloorText(rto, inputs.hz));
  value.more = RaisedByAck(rto, inputs.hz);
  return value;
}

Answer TimeWait(const FormulaInputs&) {
  return OneTimer(kTimeWaitLength,
                  "TIME_WAIT lasts TCP_TIMEWAIT_LEN, " +
                      Format(kTimeWaitLength) +
                      ", from the last segment that refreshes it; no sysctl "
                      "changes that");
}

// Linux: tcp_output.c tcp_send_delayed_ack() with TCP_DELACK_MIN and
// TCP_DELACK_MAX. The receiver's round trip is taken to be ours.
Answer DelayedAck(const FormulaInputs& inputs) {
  const TcpInfo* info = Measured(inputs);
  if (!info) return std::nullopt;
  Duration delay = std::clamp<Duration>(
      info->rtt, std::chrono::milliseconds(40), std::chrono::milliseconds(200));
  return OneTimer(info->rtt + delay,
                  "the ACK of a FIN comes at most RTT " + Format(info->rtt) +
                      " + delayed ACK " + Format(delay) + " = " +
                      Format(info->rtt + delay) + " after it");
}

struct Formula {
  FormulaDescription description;
  Answer (*evaluate)(const FormulaInputs&);
};

const std::array<Formula, 10>& Table() {
  static const std::array<Formula, 10> kTable = {{
      {{"tcp_fin_timeout",
        "How long an orphan stays in FIN_WAIT2, TCP_LINGER2 included.",
        "include/net/tcp.h tcp_fin_time(), tcp_timer.c "
        "tcp_keepalive_timer(), tcp_minisocks.c tcp_time_wait()"},
       FinWait2},
      {{"time_wait", "How long TIME_WAIT lasts: 60s.",
        "include/net/tcp.h TCP_TIMEWAIT_LEN"},
       TimeWait},
      {{"tcp_orphan_retries",
        "How long an orphan stays in FIN_WAIT1, CLOSING or LAST_ACK when "
        "nothing answers its FIN.",
        "tcp_timer.c tcp_orphan_retries(), tcp_write_timeout()"},
       OrphanLadder},
      {{"tcp_retries2",
        "How long a socket with a process keeps retransmitting when nothing "
        "answers.",
        "tcp_timer.c tcp_write_timeout(), retransmits_timed_out()"},
       OwnedLadder},
      {{"tcp_syn_retries", "How long SYN_SENT lasts when nothing answers.",
        "tcp_timer.c tcp_write_timeout(), tcp_retransmit_timer()"},
       SynLadder},
      {{"tcp_synack_retries",
        "How long SYN_RECV lasts when the last ACK never comes.",
        "inet_connection_sock.c reqsk_timer_handler()"},
       SynackLadder},
      {{"tcp_user_timeout",
        "When TCP_USER_TIMEOUT ends a socket that nothing answers.",
        "tcp_timer.c tcp_clamp_rto_to_user_timeout()"},
       UserTimeoutLadder},
      {{"tcp_keepalive",
        "From the last segment to the abort of a connection whose peer is "
        "silent.",
        "tcp_timer.c tcp_keepalive_timer()"},
       KeepaliveLadder},
      {{"fin_wait2_floor", "The least that an orphan's FIN_WAIT2 lasts.",
        "include/net/tcp.h tcp_fin_time()"},
       FinWait2FloorOf},
      {{"delayed_ack", "The most that FIN_WAIT1 lasts towards a live peer.",
        "tcp_output.c tcp_send_delayed_ack(), tcp_input.c tcp_fin()"},
       DelayedAck},
  }};
  return kTable;
}

const Formula* Find(std::string_view name) {
  for (const Formula& formula : Table()) {
    if (formula.description.name == name) return &formula;
  }
  return nullptr;
}

}  // namespace

const std::vector<FormulaDescription>& Formulas() {
  static const std::vector<FormulaDescription> kDescriptions = [] {
    std::vector<FormulaDescription> all;
    for (const Formula& formula : Table()) all.push_back(formula.description);
    return all;
  }();
  return kDescriptions;
}

bool IsFormula(std::string_view name) { return Find(name) != nullptr; }

const std::vector<std::string>& FormulaSysctls() { return SettingSysctls(); }

std::optional<FormulaValue> Evaluate(std::string_view name,
                                     const FormulaInputs& inputs) {
  const Formula* formula = Find(name);
  return formula ? formula->evaluate(inputs) : std::nullopt;
}

}  // namespace finwait::tcp
