// The kernel's network counters of one namespace, by nstat(8) name.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/file_descriptor.h"
#include "netns/namespace.h"
#include "tcp/timeline.h"

namespace finwait::observe {

using Counters = std::map<std::string, std::int64_t>;

// /proc/net/{netstat,snmp,snmp6} of a namespace, which they keep alive. They
// stay that one's wherever they are read (Linux: fs/proc/proc_net.c), so that a
// reading is taken at once: entering the namespace takes a thread of its own,
// which on a busy machine waits its turn. Move-only; one thread at a time.
class CounterFiles {
 public:
  explicit CounterFiles(const netns::Namespace& ns);

  // A file that the kernel does not have (snmp6 without IPv6) counts nothing.
  Counters Read() const;

 private:
  FileDescriptor netstat_;
  FileDescriptor snmp_;
  FileDescriptor snmp6_;
};

// Parses the two-line tables of snmp and netstat: a line of names and a line
// of values, both led by "Tcp:". The names become "TcpOutRsts". Pure.
Counters ParseCounterTables(const std::string& text);

// Parses the "Name value" lines of snmp6. Pure.
Counters ParseCounterLines(const std::string& text);

// after - before; counters that did not move are left out.
tcp::CounterDeltas Difference(const Counters& before, const Counters& after);

}  // namespace finwait::observe
