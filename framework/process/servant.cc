#include "process/servant.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/error.h"
#include "process/after_fork.h"
#include "process/program.h"

namespace finwait::process {
namespace {

constexpr int kExecFailed = 127;  // as a shell says it
constexpr int kChannel = 3;

// What execve(2) wants; points into strings that must outlive it.
using Pointers = std::vector<char*>;

Pointers PointersTo(std::vector<std::string>& strings) {
  Pointers pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> EnvironmentWith(
    const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string entry = *at;
    if (!added.contains(entry.substr(0, entry.find('=')))) all.push_back(entry);
  }
  for (const auto& [name, value] : added) {
    all.push_back(std::string(name).append("=").append(value));
  }
  return all;
}

// The descriptors that become 0 to 3, all numbered above 3 so that none is
// overwritten before its turn.
struct Descriptors {
  std::array<FileDescriptor, kChannel + 1> ends;

  explicit Descriptors(const Errand& errand) {
    FileDescriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
    const int wanted[] = {errand.input < 0 ? null.get() : errand.input,
                          errand.output < 0 ? STDOUT_FILENO : errand.output,
                          errand.errors < 0 ? STDERR_FILENO : errand.errors,
                          errand.channel};
    for (int n = 0; n <= kChannel; ++n) {
      if (wanted[n] < 0) continue;
      ends[n] = FileDescriptor(fcntl(wanted[n], F_DUPFD_CLOEXEC, kChannel + 1));
      if (!ends[n].valid()) ThrowErrno("passing a descriptor on");
    }
  }

  void TakeTheirPlaces() const {  // in the child
    for (int n = 0; n <= kChannel; ++n) {
      if (ends[n].valid()) dup2(ends[n].get(), n);
    }
    const int first = ends[kChannel].valid() ? kChannel + 1 : kChannel;
    close_range(static_cast<unsigned>(first), ~0U, 0);
  }
};

[[noreturn]] void BecomeServant(const char* program, const Errand& errand,
                                const Descriptors& descriptors,
                                const Pointers& arguments,
                                const Pointers& environment, pid_t parent) {
  setpgid(0, 0);
  ResetSignals();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kExecFailed);  // it died before that
  descriptors.TakeTheirPlaces();
  if (errand.directory.empty() || chdir(errand.directory.c_str()) == 0) {
    execve(program, arguments.data(), environment.data());
  }
  _exit(kExecFailed);
}

}  // namespace

pid_t StartServant(const Errand& errand) {
  const std::string& name = errand.arguments.at(0);
  const auto program = FindExecutable(name);
  if (!program) throw Error(name, "not found in PATH");
  const std::string path = *program;
  auto arguments = errand.arguments;
  auto environment = EnvironmentWith(errand.environment);
  const Pointers argument_pointers = PointersTo(arguments);
  const Pointers environment_pointers = PointersTo(environment);
  const Descriptors descriptors(errand);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) ThrowErrno("starting " + name);
  if (pid == 0) {
    BecomeServant(path.c_str(), errand, descriptors, argument_pointers,
                  environment_pointers, parent);
  }
  setpgid(pid, pid);  // whoever comes first: Child signals the group
  return pid;
}

}  // namespace finwait::process
