// A program of the scenario, running in a namespace (Boost.Process).
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "netns/namespace.h"
#include "process/child.h"
#include "process/sandbox.h"

namespace finwait::process {

struct Command {
  std::vector<std::string> arguments;              // [0] is looked up in PATH
  std::map<std::string, std::string> environment;  // added to ours
  std::string standard_input;
  bool keep_input_open = false;
  std::optional<int> readiness_descriptor;  // opened for the child as this
                                            // number; readable as Ready()
};

// One running, or ended, program. Its process is born in the sandbox's pid
// namespace, enters its cgroup and `ns` between fork and exec, leads a process
// group of its own, and has no descriptors but 0, 1, 2 (and the readiness
// descriptor).
// It starts in our current directory. /run is the sandbox's own: empty at
// first, and gone with it; only where mounting is forbidden (a container) it
// is the host's. The rest of the file system is the host's.
//
// Output (1 and 2 together) is collected by poll loops of the caller:
// output_fd() becomes readable, Pump() takes what is there.
// Destruction kills the group and reaps. One thread at a time.
class Program {
 public:
  // Throws Error naming the program if it cannot be started ("nginx: not
  // found in PATH").
  Program(Sandbox& sandbox, const netns::Namespace& ns, const Command& command);
  ~Program();
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;

  pid_t pid() const;         // as seen from outside the sandbox
  int pidfd() const;         // readable once it ended
  int output_fd() const;     // -1 after the end of the output
  int readiness_fd() const;  // -1 if not asked for, written, or closed

  // Takes the output that is there and feeds the input that still waits for
  // room in its pipe. Never blocks.
  void Pump();
  const std::string& output() const;  // at most the last 64 KiB
  bool Ready();                       // the readiness descriptor was written

  void Signal(int signal);  // to the whole group; nothing once ended
  // Dropped if the program's input is closed (see keep_input_open).
  void WriteInput(const std::string& text);
  std::optional<Ended> Poll();  // how it ended, if it has; never blocks

 private:
  class State;
  std::unique_ptr<State> state_;
};

// The full path of an executable, by PATH with /usr/sbin and /sbin added.
std::optional<std::string> FindExecutable(const std::string& name);

// As FindExecutable; throws Error naming what there is none of.
std::string ExecutablePath(const std::string& name);

}  // namespace finwait::process
