// fork and exec; see the header.
#include "process/servant.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/error.h"
#include "process/after_fork.h"
#include "process/pipes.h"
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

// Another number for it, above those that the child overwrites.
FileDescriptor AboveChannel(int fd) {
  FileDescriptor higher(fcntl(fd, F_DUPFD_CLOEXEC, kChannel + 1));
  if (!higher.valid()) ThrowErrno("passing a descriptor on");
  return higher;
}

// The descriptors that become 0 to 3.
class Descriptors {
 public:
  explicit Descriptors(const Errand& errand) {
    const FileDescriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
    const int wanted[] = {errand.input < 0 ? null.get() : errand.input,
                          errand.output < 0 ? STDOUT_FILENO : errand.output,
                          errand.errors < 0 ? STDERR_FILENO : errand.errors,
                          errand.channel};
    for (int n = 0; n <= kChannel; ++n) {
      if (wanted[n] >= 0) ends_[n] = AboveChannel(wanted[n]);
    }
  }

  // In the child; closes all others but `kept`.
  void TakeTheirPlaces(int kept) const {
    for (int n = 0; n <= kChannel; ++n) {
      if (ends_[n].valid()) dup2(ends_[n].get(), n);
    }
    CloseFrom(ends_[kChannel].valid() ? kChannel + 1 : kChannel, kept);
  }

 private:
  std::array<FileDescriptor, kChannel + 1> ends_;
};

// Everything exec needs, put together before fork: after it, the child makes
// nothing but raw system calls.
class Execution {
 public:
  Execution(const Errand& errand, int status)
      : program_(ExecutablePath(errand.arguments.at(0))),
        directory_(errand.directory),
        processor_(errand.processor),
        death_signal_(errand.death_signal),
        arguments_(errand.arguments),
        environment_(EnvironmentWith(errand.environment)),
        argument_pointers_(PointersTo(arguments_)),
        environment_pointers_(PointersTo(environment_)),
        descriptors_(errand),
        status_(AboveChannel(status)) {}

  // In the child. `status` gets errno if there is no exec.
  [[noreturn]] void Start(pid_t parent) const {
    setpgid(0, 0);
    ResetSignals();
    if (processor_ >= 0) StayOnProcessor();
    prctl(PR_SET_PDEATHSIG, death_signal_);
    if (getppid() != parent) _exit(kExecFailed);  // it died before that
    descriptors_.TakeTheirPlaces(status_.get());
    if (directory_.empty() || chdir(directory_.c_str()) == 0) {
      execve(program_.c_str(), argument_pointers_.data(),
             environment_pointers_.data());
    }
    const int error = errno;
    [[maybe_unused]] const auto written =
        write(status_.get(), &error, sizeof error);
    _exit(kExecFailed);
  }

 private:
  // It is only faster there.
  void StayOnProcessor() const {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(processor_, &only);
    sched_setaffinity(0, sizeof only, &only);
  }

  const std::string program_;
  const std::string directory_;
  const int processor_;
  const int death_signal_;
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  const Pointers argument_pointers_;
  const Pointers environment_pointers_;
  const Descriptors descriptors_;
  const FileDescriptor status_;
};

pid_t Fork(const Errand& errand, int status) {
  const Execution execution(errand, status);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) ThrowErrno("starting " + errand.arguments[0]);
  if (pid == 0) execution.Start(parent);
  setpgid(pid, pid);  // whoever comes first: Child signals the group
  return pid;
}

// errno of what kept the child from exec, 0 if nothing did: exec closes the
// pipe's other end.
int ReadStatus(int status) {
  int error = 0;
  while (read(status, &error, sizeof error) < 0 && errno == EINTR) {
  }
  return error;
}

}  // namespace

pid_t StartServant(const Errand& errand) {
  Pipe status = MakePipe();
  const pid_t pid = Fork(errand, status.write.get());
  status.write.reset();
  if (const int error = ReadStatus(status.read.get()); error != 0) {
    waitpid(pid, nullptr, 0);
    ThrowErrno("starting " + errand.arguments[0], error);
  }
  return pid;
}

}  // namespace finwait::process
