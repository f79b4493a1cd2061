// finwait probe.
#include "lab/probe.h"

#include <sys/utsname.h>

#include <iostream>

#include "base/error.h"
#include "commands.h"
#include "netns/user_namespace.h"

namespace finwait::tools {

int Probe() {
  utsname kernel{};
  uname(&kernel);
  std::cout << "Linux " << kernel.release << " on " << kernel.machine << "\n";
  try {
    netns::EnsurePrivilege();
  } catch (const Error& error) {
    std::cout << "  no   namespaces       " << error.what()
              << "\n       without it: nothing can be run\n";
    return static_cast<int>(ExitStatus::kUnsupported);
  }
  for (const lab::Feature& feature : lab::Probe()) {
    std::string name = feature.name;
    name.resize(std::max<std::size_t>(name.size(), 16), ' ');
    std::cout << (feature.available ? "  yes  " : "  no   ") << name << " "
              << feature.detail << "\n";
    if (feature.available) continue;
    std::cout << "       without it: " << feature.cost
              << "\n       supplied by: " << feature.remedy << "\n";
  }
  return static_cast<int>(ExitStatus::kPass);
}

}  // namespace finwait::tools
