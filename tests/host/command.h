// The finwait command, started as a shell would start it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"

namespace finwait::host {

// How long, in milliseconds, a test waits for what should happen at once or
// within a short scenario before it fails.
inline constexpr int kPatience = 60'000;

// Owns one finwait process; kills it at the end. This process becomes a child
// subreaper: whoever outlives the run becomes our child. One thread.
class Command {
 public:
  // `before_exec` runs in the child, for limits, ids and another output.
  explicit Command(const std::vector<std::string>& arguments,
                   const std::function<void()>& before_exec = nullptr);
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& output() const { return output_; }  // read so far

  // Reads until `text` was printed; false at the end of the output.
  bool WaitPrinted(const std::string& text);
  // Reads what comes next; false at the end of the output.
  bool ReadMore();
  // From now on nobody reads it.
  void CloseOutput() { read_.reset(); }
  void Signal(int signal) const;
  // Reads all output, and waits: the exit status, or -1 after a signal or
  // kPatience.
  int Wait();

 private:
  pid_t pid_ = -1;
  FileDescriptor read_;
  std::string output_;
};

std::vector<pid_t> ChildrenOf(pid_t parent);

// Reaps whoever became our child. False if somebody still runs after
// kPatience.
bool NobodyIsLeft();

}  // namespace finwait::host
