// The commands that get kernels from somewhere.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace finwait::tools {

struct KernelArguments {
  std::string verb;    // "add", "build", "list", "remove"
  std::string source;  // "debian:SUITE" or a path
  std::string name;
  std::string package;
  std::string mirror;
  std::string modules;
  int jobs = 0;
  bool keep = false;
  std::vector<std::string> names;
};

void AddKernelOptions(CLI::App& app, KernelArguments& arguments);
int Kernel(const KernelArguments& arguments);

}  // namespace finwait::tools
