// Sysctls of one network namespace.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "netns/namespace.h"

namespace finwait::netns {

enum class SysctlScope {
  kNamespace,  // belongs to the namespace: may be set
  kGlobal,     // exists only for the whole host: finwait never writes it
  kAbsent,     // this kernel has none
};

// Finds out by looking: a name that exists in the initial namespace only is
// global (Linux: net/ipv4/sysctl_net_ipv4.c ipv4_table vs. ipv4_net_table).
SysctlScope ScopeOf(const Namespace& ns, std::string_view name);

// The value's text without the newline; empty when the sysctl is absent.
std::optional<std::string> ReadSysctl(const Namespace& ns,
                                      std::string_view name);

// Writes and reads back. Throws Unsupported (named) if the sysctl is absent,
// Error if it is global or the value was refused.
void WriteSysctl(const Namespace& ns, std::string_view name,
                 std::string_view value);

// Several of one namespace with one entry into it, in order.
struct SysctlSetting {
  std::string name;
  std::string value;
};

}  // namespace finwait::netns
