// The formulas of ladders: limits, rungs, and how they are told.
#include "tcp/formula_ladders.h"

#include <algorithm>
#include <utility>

namespace finwait::tcp {
namespace {

// "204ms, 408ms and 816ms"; of a long ladder its first rungs.
std::string TimesText(const std::vector<Duration>& times) {
  constexpr std::size_t kShown = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(times.size(), kShown); ++i) {
    bool last = i > 0 && i + 1 == times.size();
    text += (i == 0 ? "" : last ? " and " : ", ") + Format(times[i]);
  }
  if (times.size() > kShown) {
    text += " and so on, " + std::to_string(times.size()) + " in all";
  }
  return text;
}

// "; retransmissions are due at 1s and 3s, the end at 7s"
std::string RungsText(const Ladder& ladder) {
  std::string text = "; ";
  if (!ladder.retransmissions.empty()) {
    text += "retransmissions are due at " + TimesText(ladder.retransmissions) +
            ", ";
  }
  text += "the end at " + Format(ladder.death);
  if (ladder.earliest_death < ladder.death) {
    text += ", or as soon as " + Format(ladder.earliest_death) +
            " should the timer wheel's lateness carry an earlier timeout past "
            "the limit";
  } else if (ladder.earliest_death > ladder.death) {
    text += ", but not before the limit at " + Format(ladder.earliest_death) +
            ", which the timer wheel's lateness carries that timeout past";
  }
  return text;
}

FormulaValue Told(const Ladder& ladder, const std::string& limit) {
  return {ladder.chain, ladder.earliest_death, limit + RungsText(ladder)};
}

std::string UserTimeoutText(Duration timeout, std::string_view since) {
  return "TCP_USER_TIMEOUT ends the socket " + Format(timeout) +
         " after the first " + std::string(since);
}

// What limits a ladder of an established connection, and what it begins with.
std::string LimitText(const std::string& retries, int boundary,
                      const RetransmissionInputs& inputs) {
  std::string text;
  if (inputs.user_timeout) {
    text = UserTimeoutText(*inputs.user_timeout, "RTO retransmission");
  } else {
    text = retries + " ends the socket at the first timeout at least " +
           "tcp_model_timeout(" + std::to_string(boundary) +
           ") = " + Format(ModelTimeout(boundary, kRtoMin, inputs.rto_max)) +
           " after the first RTO retransmission";
  }
  return text + " (RTO " + Format(inputs.rto) +
         (inputs.tail_loss_probe ? ", a tail loss probe first)"
                                 : ", no tail loss probe)");
}

}  // namespace

Answer OrphanLadder(const FormulaInputs& inputs) {
  auto retries = FindSysctl(inputs, "tcp_orphan_retries");
  auto start = Retransmission(inputs);
  if (!retries || !start) return std::nullopt;
  std::string text = Text(*retries);
  int boundary = retries->as_count();
  if (boundary == 0) {
    boundary = 8;
    text += ", which counts as 8 while the RTO is below " +
            Format(start->rto_max) + ",";
  }
  return Told(OrphanRetries(retries->as_count(), *start, inputs.hz),
              LimitText(text, boundary, *start));
}

Answer OwnedLadder(const FormulaInputs& inputs) {
  auto retries = FindSysctl(inputs, "tcp_retries2");
  auto start = Retransmission(inputs);
  if (!retries || !start) return std::nullopt;
  int boundary = retries->as_count();
  return Told(Retries2(boundary, *start, inputs.hz),
              LimitText(Text(*retries), boundary, *start));
}

Answer SynLadder(const FormulaInputs& inputs) {
  auto retries = OptionOrSysctl(inputs, "TCP_SYNCNT", "tcp_syn_retries");
  if (!retries) return std::nullopt;
  // Kernels before 6.5 have no linear timeouts.
  auto linear = FindSysctl(inputs, "tcp_syn_linear_timeouts")
                    .value_or(Setting{"tcp_syn_linear_timeouts", 0});
  auto user_timeout = UserTimeout(inputs);
  Duration rto_max = RtoMax(inputs);
  Ladder ladder = SynRetries(retries->as_count(), linear.as_count(), inputs.hz,
                             user_timeout, rto_max);
  if (user_timeout) return Told(ladder, UserTimeoutText(*user_timeout, "SYN"));
  Duration model = ModelTimeout(retries->as_count(), kInitialRto, rto_max);
  return Told(ladder, Text(*retries) + " with " + Text(linear) +
                          " ends SYN_SENT at the timeout after " +
                          std::to_string(retries->value + linear.value) +
                          " retransmissions, or at the first one " +
                          Format(model) +
                          " after the first SYN, whichever is sooner");
}

Answer SynackLadder(const FormulaInputs& inputs) {
  auto retries = FindSysctl(inputs, "tcp_synack_retries");
  if (!retries) return std::nullopt;
  return Told(SynackRetries(retries->as_count(), inputs.hz),
              Text(*retries) +
                  " ends SYN_RECV at the timeout after as many "
                  "retransmissions of the SYN|ACK");
}

Answer UserTimeoutLadder(const FormulaInputs& inputs) {
  auto timeout = UserTimeout(inputs);
  if (!timeout) return std::nullopt;
  // Without a measured round trip the socket never left SYN_SENT.
  if (inputs.info && !Measured(inputs)) return SynLadder(inputs);
  auto start = Retransmission(inputs);
  if (!start) return std::nullopt;
  return Told(OrphanRetries(0, *start, inputs.hz), LimitText("", 0, *start));
}

Answer KeepaliveLadder(const FormulaInputs& inputs) {
  auto idle = OptionOrSysctl(inputs, "TCP_KEEPIDLE", "tcp_keepalive_time");
  auto interval =
      OptionOrSysctl(inputs, "TCP_KEEPINTVL", "tcp_keepalive_intvl");
  auto probes = OptionOrSysctl(inputs, "TCP_KEEPCNT", "tcp_keepalive_probes");
  if (!idle || !interval || !probes) return std::nullopt;
  auto user_timeout = UserTimeout(inputs);
  Ladder ladder = Keepalive({.idle = idle->as_seconds(),
                             .interval = interval->as_seconds(),
                             .probes = probes->as_count(),
                             .user_timeout = user_timeout},
                            inputs.hz);
  std::string text = Text(*idle, "s") + " of silence, then a probe every " +
                     Text(*interval, "s") + ", given up ";
  text += user_timeout
              ? "at the first one due " + Format(*user_timeout) +
                    " (TCP_USER_TIMEOUT) or more after the last segment"
              : "when " + Text(*probes) + " are unanswered";
  return FormulaValue{ladder.chain, ladder.earliest_death,
                      text + "; the end at " + Format(ladder.death)};
}

}  // namespace finwait::tcp
