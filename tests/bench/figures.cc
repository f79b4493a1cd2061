#include "figures.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "base/clock.h"

namespace finwait::bench {
namespace {

constexpr char kRow[] = "%-56s | %-46s | %-6s | %s\n";

std::string Processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

}  // namespace

void Table::PrintHead(uid_t user, bool loaded) {
  utsname name{};
  uname(&name);
  std::printf("%s, %ld cores; Linux %s, HZ %d; uid %d%s\n\n",
              Processor().c_str(), sysconf(_SC_NPROCESSORS_ONLN), name.release,
              KernelHz(), static_cast<int>(user),
              loaded ? "; all cores busy" : "");
  std::printf(kRow, "measure", "figure", "bound", "");
  std::fflush(stdout);
}

void Table::Print(const Figure& figure,
                  const std::vector<std::string>& examples) {
  const char* verdict = figure.bound.empty() ? ""
                        : figure.passes      ? "pass"
                                             : "FAIL";
  std::printf(kRow, figure.measure.c_str(), figure.value.c_str(),
              figure.bound.c_str(), verdict);
  for (const auto& example : examples) std::printf("  %s\n", example.c_str());
  std::fflush(stdout);
  if (!figure.passes) ++missed_;
}

void Table::PrintCount(const std::string& measure, std::uint64_t count,
                       const std::vector<std::string>& examples) {
  Print({measure, std::to_string(count), "0", count == 0}, examples);
}

Spread SpreadOf(std::vector<Duration> values) {
  if (values.empty())
    return {.text = "not known better: the machine is too busy"};
  std::sort(values.begin(), values.end());
  const std::size_t last = values.size() - 1;
  Spread spread{.median = values[last / 2], .most = values[last]};
  spread.text = Format(spread.median) +
                " (99 %: " + Format(values[last * 99 / 100]) +
                ", most: " + Format(spread.most) + ", of " +
                std::to_string(values.size()) + ")";
  return spread;
}

}  // namespace finwait::bench
