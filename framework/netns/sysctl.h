// Sysctls of one network namespace.
//
// Names are written with dots ("net.ipv4.tcp_fin_timeout"), or with slashes
// where an interface's name has a dot ("net/ipv4/conf/eth0.5/forwarding"), as
// sysctl(8) has them. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netns/namespace.h"

namespace finwait::netns {

enum class SysctlScope {
  kNamespace,  // belongs to the namespace: may be set
  kGlobal,     // one for the whole host: finwait never writes it
  kAbsent,     // this kernel has none
};

// Finds out by looking: a name that only the caller's namespace has, that a
// child namespace shows read-only, or that is not under net, is global.
// (Linux: net/ipv4/sysctl_net_ipv4.c ipv4_table vs. ipv4_net_table, and
// ipv4_sysctl_init_net(), which takes the write bits away.)
SysctlScope ScopeOf(const Namespace& ns, std::string_view name);

// The value's text without the newline; empty when the sysctl is absent.
std::optional<std::string> ReadSysctl(const Namespace& ns,
                                      std::string_view name);

// Those of `names` that exist and are one integer, with one entry.
std::map<std::string, std::int64_t, std::less<>> ReadIntegers(
    const Namespace& ns, const std::vector<std::string>& names);

// Writes and reads back. Throws Unsupported (named) if the sysctl is absent,
// Error if it is global or the value was refused.
void WriteSysctl(const Namespace& ns, std::string_view name,
                 std::string_view value);

// Several of one namespace with one entry into it, in order.
struct SysctlSetting {
  std::string name;
  std::string value;
};
void WriteSysctls(const Namespace& ns,
                  const std::vector<SysctlSetting>& settings);

}  // namespace finwait::netns
