// finwait probe.
#include "lab/probe.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "commands.h"
#include "netns/user_namespace.h"

namespace finwait::tools {
namespace {

void PrintMachine() {
  utsname kernel{};
  uname(&kernel);
  std::cout << "Linux " << kernel.release << " on " << kernel.machine << ", ";
  if (netns::HasPrivilege()) {
    std::cout << "privileged\n";
  } else {
    std::cout << "as uid " << geteuid()
              << ", without privilege: in a user namespace\n";
  }
}

void PrintFeature(const lab::Feature& feature) {
  std::string name = feature.name;
  name.resize(std::max<std::size_t>(name.size(), 17), ' ');
  std::cout << (feature.available ? "  yes  " : "  no   ") << name << " "
            << feature.detail << "\n";
  if (feature.available) return;
  std::cout << "       without it:  " << feature.cost
            << "\n       supplied by: " << feature.remedy << "\n";
}

}  // namespace

int Probe() {
  PrintMachine();
  try {
    netns::EnsurePrivilege();
  } catch (const Unsupported& lacking) {
    PrintFeature({.name = "privilege",
                  .available = false,
                  .detail = lacking.lacking(),
                  .cost = "nothing can be run; check and show work",
                  .remedy = lacking.remedy()});
    return static_cast<int>(ExitStatus::kUnsupported);
  }
  const auto features = lab::Probe();
  std::for_each(features.begin(), features.end(), PrintFeature);
  const bool runs = std::all_of(
      features.begin(), features.end(),
      [](const auto& f) { return f.available || !f.indispensable; });
  return static_cast<int>(runs ? ExitStatus::kPass : ExitStatus::kUnsupported);
}

}  // namespace finwait::tools
