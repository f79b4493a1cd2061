// The subcommands of finwait. Each returns the exit status.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cases.h"
#include "scenario/load.h"

namespace finwait::tools {

// See the footer of `finwait --help`.
enum class ExitStatus {
  kPass = 0,
  kFail = 1,
  kUsage = 2,
  kBroken = 3,
  kUnsupported = 77,
};

struct RunArguments {
  CaseArguments cases;
  std::vector<std::string> kernels;  // as ArenasFor takes them
  bool real_time = false;
  int jobs = 16;
  bool verbose = false;
  bool explain = false;
  bool require_all = false;
  bool no_bpf = false;
  std::string baseline;  // a file or a folder; empty: there is none
  std::string pcapng;    // folder for packets; empty: none are kept
  std::string color = "auto";
};

struct ExecArguments {
  std::string kernel;
  std::vector<std::string> command;
};

struct CheckArguments {
  std::vector<std::string> files;
  std::string topologies;
};

struct ShowArguments {
  std::string file;
  std::string topologies;
};

struct WatchArguments {
  std::vector<std::uint16_t> ports;
  std::vector<std::string> processes;  // pids or names
  std::vector<std::string> states;
  bool only_existing = false;
  bool only_new = false;
  std::string network_namespace;  // empty: the current one
  std::string length;             // empty: until interrupted
  std::string color = "auto";
};

void AddRunOptions(CLI::App& run, RunArguments& arguments);
int Run(const RunArguments& arguments);
void AddExecOptions(CLI::App& exec, ExecArguments& arguments);
int Exec(const ExecArguments& arguments);
int Check(const CheckArguments& arguments);
int Show(const ShowArguments& arguments);
int Probe();
int Watch(const WatchArguments& arguments);

// --- shared by the commands -------------------------------------------------

// Where topologies named by `file` are looked for: `given` if not empty, every
// topologies/ beside the file or in a folder above it, the installed ones.
scenario::SearchPath TopologiesFor(const std::filesystem::path& file,
                                   const std::string& given);

// Does the file hold a topology and no scenario? By its place or its keys.
bool IsTopologyFile(const std::filesystem::path& file);

// Writes diagnostics to standard error, one per line.
void Print(const std::vector<scenario::Diagnostic>& diagnostics);

}  // namespace finwait::tools
