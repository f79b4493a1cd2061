// What the formulas read: settings of a host or a socket, with the names that
// explanations quote. Internal to the formulas.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tcp/formula.h"

namespace finwait::tcp {

// What a formula comes to, or nothing for want of an input.
using Answer = std::optional<FormulaValue>;

// A number and who set it: "tcp_fin_timeout" (without net.ipv4.) or
// "TCP_LINGER2".
struct Setting {
  std::string name;
  std::int64_t value = 0;

  Duration as_seconds() const { return std::chrono::seconds(value); }
  Duration as_milliseconds() const { return std::chrono::milliseconds(value); }
  // Today's kernels keep these sysctls in one byte; an older one's larger
  // number would make a ladder longer than any run.
  int as_count() const {
    return static_cast<int>(std::clamp<std::int64_t>(value, 0, 255));
  }
};

// "tcp_fin_timeout 61s", "tcp_retries2 15".
std::string Text(const Setting& setting, std::string_view unit = "");

// The full names of the sysctls below.
const std::vector<std::string>& SettingSysctls();

// `name` as SettingSysctls() has it, without "net.ipv4.". Empty when this
// kernel has none.
std::optional<Setting> FindSysctl(const FormulaInputs& inputs,
                                  std::string_view name);

// Empty when no actor set it.
std::optional<Setting> FindOption(const FormulaInputs& inputs,
                                  std::string_view name);

// The option where it is set and not 0, which to these options means "as the
// sysctl says".
std::optional<Setting> OptionOrSysctl(const FormulaInputs& inputs,
                                      std::string_view option,
                                      std::string_view sysctl);

// TCP_USER_TIMEOUT, where it is set and not 0.
std::optional<Duration> UserTimeout(const FormulaInputs& inputs);

// TCP_RTO_MAX_MS, tcp_rto_max_ms, or TCP_RTO_MAX before 6.15 had them.
Duration RtoMax(const FormulaInputs& inputs);

// The TCP_INFO of a socket with a measured round trip, or null.
const TcpInfo* Measured(const FormulaInputs& inputs);

// The RTO that an orphan's FIN_WAIT2 floor is made of: that after the ACK of
// the FIN. Where no round trip was seen it is taken as the smallest there is,
// which is right unless the floor decides.
Duration FloorRto(const FormulaInputs& inputs);

// What a ladder of an established connection starts from. Empty without a
// measured round trip.
std::optional<RetransmissionInputs> Retransmission(const FormulaInputs& inputs);

}  // namespace finwait::tcp
