// Parses the counter files of procfs (Linux: net/ipv4/proc.c).
#include "observe/counters.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <sstream>

namespace finwait::observe {
namespace {

FileDescriptor OpenHere(const char* path) {
  return FileDescriptor(open(path, O_RDONLY | O_CLOEXEC));
}

std::string TextOf(const FileDescriptor& file) {
  std::string text;
  std::array<char, 16384> buffer;
  while (true) {
    const ssize_t length = pread(file.get(), buffer.data(), buffer.size(),
                                 static_cast<off_t>(text.size()));
    if (length <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(length));
  }
}

}  // namespace

Counters ParseCounterTables(const std::string& text) {
  Counters counters;
  std::istringstream lines(text);
  std::string names_line;
  std::string values_line;
  while (std::getline(lines, names_line) && std::getline(lines, values_line)) {
    std::istringstream names(names_line);
    std::istringstream values(values_line);
    std::string prefix;
    std::string name;
    std::int64_t value = 0;
    names >> prefix;
    values >> name;  // the same prefix again
    prefix = prefix.substr(0, prefix.find(':'));
    while (names >> name && values >> value) counters[prefix + name] = value;
  }
  return counters;
}

Counters ParseCounterLines(const std::string& text) {
  Counters counters;
  std::istringstream lines(text);
  std::string name;
  std::int64_t value = 0;
  while (lines >> name >> value) counters[name] = value;
  return counters;
}

CounterFiles::CounterFiles(const netns::Namespace& ns) {
  ns.Enter([this] {
    netstat_ = OpenHere("/proc/thread-self/net/netstat");
    snmp_ = OpenHere("/proc/thread-self/net/snmp");
    snmp6_ = OpenHere("/proc/thread-self/net/snmp6");
  });
}

Counters CounterFiles::Read() const {
  Counters counters = ParseCounterTables(TextOf(netstat_));
  counters.merge(ParseCounterTables(TextOf(snmp_)));
  counters.merge(ParseCounterLines(TextOf(snmp6_)));
  return counters;
}

tcp::CounterDeltas Difference(const Counters& before, const Counters& after) {
  tcp::CounterDeltas deltas;
  for (const auto& [name, value] : after) {
    const auto found = before.find(name);
    const std::int64_t start = found == before.end() ? 0 : found->second;
    if (value != start) deltas[name] = value - start;
  }
  return deltas;
}

}  // namespace finwait::observe
