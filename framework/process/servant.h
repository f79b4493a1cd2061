// A program of the host that works for us, outside every sandbox: a virtual
// machine, a compiler.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace finwait::process {

// How a servant is started. The descriptors stay the caller's.
struct Errand {
  std::vector<std::string> arguments;              // [0] is looked up in PATH
  std::map<std::string, std::string> environment;  // added to ours
  std::string directory;                           // empty: ours
  int input = -1;              // its descriptor 0; -1: /dev/null
  int output = -1;             // its 1; -1: ours
  int errors = -1;             // its 2; -1: ours
  int channel = -1;            // its 3; -1: none
  int processor = -1;          // the only one it runs on; -1: as we do
  int death_signal = SIGKILL;  // what it gets when the calling thread dies
};

// Starts it. It has no other descriptors, leads a process group that ends with
// the Child made of what is returned, and is signalled when the calling thread
// dies, so start it from one that lives long enough. Throws Error if it cannot
// be started ("make: not found in PATH"). Any thread.
pid_t StartServant(const Errand& errand);

}  // namespace finwait::process
