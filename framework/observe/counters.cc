// Parses the counter files of procfs (Linux: net/ipv4/proc.c).
#include "observe/counters.h"

#include <fstream>
#include <sstream>

namespace finwait::observe {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
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

Counters ReadCounters(const netns::Namespace& ns) {
  Counters counters;
  ns.Enter([&] {
    const std::string folder = "/proc/thread-self/net/";
    counters = ParseCounterTables(ReadFile(folder + "netstat"));
    counters.merge(ParseCounterTables(ReadFile(folder + "snmp")));
    counters.merge(ParseCounterLines(ReadFile(folder + "snmp6")));
  });
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
