// A tool of the machine, run to its end: make, apt-get, git.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace finwait::process {

using OnText = std::function<void(std::string_view)>;

// What to run, and who gets its output, piece by piece as it comes.
struct Job {
  std::vector<std::string> command;  // [0] is looked up in PATH
  std::filesystem::path folder;      // where it runs; empty: where we are
  std::map<std::string, std::string> environment;  // added to ours
  OnText on_output;
  OnText on_errors;  // nothing: they go where the output goes, in order
};

// Runs the job and waits: its exit code, or 128 plus the signal that ended it.
// It leads a process group of its own, reads /dev/null, has no descriptors but
// 0, 1 and 2, and gets SIGTERM when the calling thread dies, whatever of. What
// a callback throws ends the whole group. Throws Error if it cannot be started
// ("make: not found in PATH"). Any thread.
int RunJob(const Job& job);

// The job's output, without the newline at its end; its callbacks are not
// used. Throws Error with what it said if it does not exit with 0.
std::string OutputOf(Job job);

}  // namespace finwait::process
