// The commands that get kernels from somewhere.
#pragma once

#include <string>
#include <vector>

#include "cases.h"

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

// What bisect-run ends with, for `git bisect run`.
enum class Bisection {
  kGood = 0,
  kBad = 1,
  kSkip = 125,         // this commit cannot be judged
  kStop = 128,         // no commit can: from here on git gives up
  kInterrupted = 130,  // so does it here
};

struct BisectArguments {
  std::string tree;
  CaseArguments cases;
  int jobs = 0;
};

void AddBisectOptions(CLI::App& app, BisectArguments& arguments);
int BisectRun(const BisectArguments& arguments);

}  // namespace finwait::tools
