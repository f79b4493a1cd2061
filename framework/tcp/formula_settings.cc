// Reading settings, and the kernel's values where one is not set.
#include "tcp/formula_settings.h"

#include <algorithm>

namespace finwait::tcp {
namespace {

constexpr std::string_view kPrefix = "net.ipv4.";

// Linux: tcp_output.c tcp_schedule_loss_probe() wants SACK and a
// tcp_early_retrans of 3 (the default) or 4.
bool TailLossProbe(const FormulaInputs& inputs) {
  auto sack = FindSysctl(inputs, "tcp_sack");
  auto early = FindSysctl(inputs, "tcp_early_retrans");
  bool allowed = !early || early->value == 3 || early->value == 4;
  return allowed && (!sack || sack->value != 0);
}

Duration RtoMin(const FormulaInputs& inputs) {
  auto setting = FindSysctl(inputs, "tcp_rto_min_us");
  return setting ? std::chrono::microseconds(setting->value) : kRtoMin;
}

// The RTO without back-off, as tcp_set_rto() computes it: the last look may
// have been at a socket that was retransmitting already. What tcp_info calls
// rttvar is the mean deviation, not yet held to the least RTO.
Duration BaseRto(const TcpInfo& info, const FormulaInputs& inputs) {
  if (info.backoff == 0) return info.rto;
  const Duration variance = std::max(4 * info.rttvar, RtoMin(inputs));
  return RoundUpToJiffies(info.rtt + variance, inputs.hz);
}

}  // namespace

std::string Text(const Setting& setting, std::string_view unit) {
  return setting.name + " " + std::to_string(setting.value).append(unit);
}

const std::vector<std::string>& SettingSysctls() {
  static const std::vector<std::string> kNames = {
      "net.ipv4.tcp_early_retrans",
      "net.ipv4.tcp_fin_timeout",
      "net.ipv4.tcp_keepalive_intvl",
      "net.ipv4.tcp_keepalive_probes",
      "net.ipv4.tcp_keepalive_time",
      "net.ipv4.tcp_orphan_retries",
      "net.ipv4.tcp_retries2",
      "net.ipv4.tcp_rto_max_ms",
      "net.ipv4.tcp_rto_min_us",
      "net.ipv4.tcp_sack",
      "net.ipv4.tcp_syn_linear_timeouts",
      "net.ipv4.tcp_syn_retries",
      "net.ipv4.tcp_synack_retries",
      "net.ipv4.tcp_timestamps",
  };
  return kNames;
}

std::optional<Setting> FindSysctl(const FormulaInputs& inputs,
                                  std::string_view name) {
  if (!inputs.sysctl) return std::nullopt;
  std::string full = std::string(kPrefix).append(name);
  std::optional<std::int64_t> value = inputs.sysctl(full);
  if (!value) return std::nullopt;
  return Setting{std::string(name), *value};
}

std::optional<Setting> FindOption(const FormulaInputs& inputs,
                                  std::string_view name) {
  auto option = inputs.options.find(std::string(name));
  if (option == inputs.options.end()) return std::nullopt;
  return Setting{option->first, option->second};
}

std::optional<Setting> OptionOrSysctl(const FormulaInputs& inputs,
                                      std::string_view option,
                                      std::string_view sysctl) {
  auto setting = FindOption(inputs, option);
  if (setting && setting->value != 0) return setting;
  return FindSysctl(inputs, sysctl);
}

std::optional<Duration> UserTimeout(const FormulaInputs& inputs) {
  auto setting = FindOption(inputs, "TCP_USER_TIMEOUT");
  if (!setting || setting->value == 0) return std::nullopt;
  return setting->as_milliseconds();
}

Duration RtoMax(const FormulaInputs& inputs) {
  auto setting = OptionOrSysctl(inputs, "TCP_RTO_MAX_MS", "tcp_rto_max_ms");
  return setting ? setting->as_milliseconds() : kRtoMax;
}

// A round trip below 1 us, as in virtual time, is told as 0. Without any, the
// deviation is a quarter of TCP_TIMEOUT_INIT (tcp_init_sock(), tcp_get_info()).
const TcpInfo* Measured(const FormulaInputs& inputs) {
  constexpr Duration kNoDeviationYet = std::chrono::milliseconds(250);
  if (!inputs.info) return nullptr;
  const TcpInfo& info = *inputs.info;
  const bool measured =
      info.rtt > Duration::zero() ||
      (info.rto > Duration::zero() && info.rttvar < kNoDeviationYet);
  return measured ? &info : nullptr;
}

Duration FloorRto(const FormulaInputs& inputs) {
  const TcpInfo* info = Measured(inputs);
  if (!info) {
    return RoundUpToJiffies(kRtoMin + std::chrono::microseconds(1), inputs.hz);
  }
  // With timestamps even the ACK of a retransmitted FIN measures a round trip
  // and so ends the back-off; without them the back-off stays (RFC 6298
  // section 3, Karn's algorithm).
  auto timestamps = FindSysctl(inputs, "tcp_timestamps");
  bool stays = timestamps && timestamps->value == 0;
  return stays ? info->rto : BaseRto(*info, inputs);
}

std::optional<RetransmissionInputs> Retransmission(
    const FormulaInputs& inputs) {
  const TcpInfo* info = Measured(inputs);
  if (!info) return std::nullopt;
  RetransmissionInputs result;
  result.rto = BaseRto(*info, inputs);
  result.srtt = info->rtt;
  result.tail_loss_probe = TailLossProbe(inputs);
  result.rto_min = RtoMin(inputs);
  result.rto_max = RtoMax(inputs);
  result.user_timeout = UserTimeout(inputs);
  return result;
}

}  // namespace finwait::tcp
