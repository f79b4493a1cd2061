#include "kernel/needs.h"

#include <unistd.h>

#include <set>
#include <variant>

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;

// As "--config=/etc/nginx.conf" or "/etc/nginx.conf": the absolute path that
// an argument ends with, if there is such a file.
void AddFileIn(const std::string& argument, std::set<fs::path>& files) {
  const std::size_t at = argument.find('/');
  if (at == std::string::npos) return;
  const fs::path path = argument.substr(at);
  std::error_code error;
  if (fs::exists(path, error)) files.insert(path);
}

void AddPrograms(const scenario::Scenario& one, std::set<std::string>& programs,
                 std::set<fs::path>& files) {
  programs.insert(one.requirements.programs.begin(),
                  one.requirements.programs.end());
  for (const scenario::Step& step : one.steps) {
    const auto* start = std::get_if<scenario::StartProgram>(&step.action);
    if (start == nullptr) continue;
    programs.insert(start->command.at(0));
    for (std::size_t n = 1; n < start->command.size(); ++n) {
      AddFileIn(start->command[n], files);
    }
  }
}

}  // namespace

Needs NeedsOf(const std::vector<scenario::Scenario>& cases) {
  std::set<std::string> programs;
  std::set<fs::path> files;
  for (const scenario::Scenario& one : cases) {
    files.insert(one.origin.file);
    for (const fs::path& folder : one.origin.topologies) {
      std::error_code error;
      if (fs::is_directory(folder, error)) files.insert(folder);
    }
    AddPrograms(one, programs, files);
  }
  return {.finwait = fs::read_symlink("/proc/self/exe"),
          .programs = {programs.begin(), programs.end()},
          .files = {files.begin(), files.end()}};
}

Order OrderFromHere() {
  Order order;
  order.folder = fs::current_path();
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string entry = *at;
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos) continue;
    order.environment[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return order;
}

Boot BootOf(const Kernel& kernel, const Cache& cache, const Needs& needs,
            Clock clock) {
  if (kernel.flavour == Flavour::kMachine) {
    return BootMachine(kernel, needs, cache, clock);
  }
  return BootUserMode(kernel, needs, cache);
}

}  // namespace finwait::kernel
