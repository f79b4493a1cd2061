// fork, exec and one poll loop; see the header.
#include "process/job.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "process/after_fork.h"
#include "process/child.h"
#include "process/program.h"

namespace finwait::process {
namespace {

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

Pipe MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) ThrowErrno("making a pipe");
  return {.read = FileDescriptor(ends[0]), .write = FileDescriptor(ends[1])};
}

// Everything exec needs, put together before fork.
class Execution {
 public:
  explicit Execution(const Job& job) : folder_(job.folder.string()) {
    const auto program = FindExecutable(job.command.at(0));
    if (!program) throw Error(job.command[0], "not found in PATH");
    program_ = *program;
    arguments_ = job.command;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string name(*entry, std::strcspn(*entry, "="));
      if (!job.environment.contains(name)) environment_.emplace_back(*entry);
    }
    for (const auto& [name, value] : job.environment) {
      environment_.push_back(name + "=" + value);
    }
    argv_ = PointersTo(arguments_);
    envp_ = PointersTo(environment_);
  }

  const std::string& program() const { return program_; }

  // In the child: raw system calls only. `status` gets errno if it fails.
  [[noreturn]] void Start(pid_t parent, int output, int errors,
                          int status) const {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(127);  // it died before the prctl
    ResetSignals();
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0 && dup2(null, 0) >= 0 && dup2(output, 1) >= 0 &&
        dup2(errors, 2) >= 0 &&
        (folder_.empty() || chdir(folder_.c_str()) == 0)) {
      CloseFrom(3, status);
      execve(program_.c_str(), argv_.data(), envp_.data());
    }
    const int error = errno;
    [[maybe_unused]] const auto written = write(status, &error, sizeof error);
    _exit(127);
  }

 private:
  static std::vector<char*> PointersTo(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  std::string program_;
  std::string folder_;
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
};

// One of the job's outputs, until its end.
struct Stream {
  FileDescriptor fd;
  const OnText* on_text;

  void Take() {
    std::array<char, 16384> buffer;
    const ssize_t length = read(fd.get(), buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) return;
    if (length <= 0) {
      fd.reset();
    } else if (*on_text) {
      (*on_text)({buffer.data(), static_cast<std::size_t>(length)});
    }
  }
};

// Until both have ended. A closed one is -1, which poll(2) passes over.
void Deliver(std::array<Stream, 2> streams) {
  while (streams[0].fd.valid() || streams[1].fd.valid()) {
    std::array<pollfd, 2> polled = {
        {{streams[0].fd.get(), POLLIN, 0}, {streams[1].fd.get(), POLLIN, 0}}};
    if (poll(polled.data(), polled.size(), -1) < 0) continue;  // EINTR
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents != 0) streams[i].Take();
    }
  }
}

int ExitCode(Child& child) {
  pollfd polled{child.pidfd(), POLLIN, 0};
  while (poll(&polled, 1, -1) < 0) {
  }
  const Ended ended = *child.Poll();
  return ended.exit_code ? *ended.exit_code
                         : 128 + ended.term_signal.value_or(0);
}

}  // namespace

int RunJob(const Job& job) {
  const Execution execution(job);
  Pipe output = MakePipe();
  Pipe errors = MakePipe();
  Pipe status = MakePipe();
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) ThrowErrno("starting " + execution.program());
  if (pid == 0) {
    execution.Start(parent, output.write.get(),
                    job.on_errors ? errors.write.get() : output.write.get(),
                    status.write.get());
  }
  Child child(pid);
  for (Pipe* pipe : {&output, &errors, &status}) pipe->write.reset();
  int error = 0;
  if (read(status.read.get(), &error, sizeof error) == sizeof error) {
    ThrowErrno("starting " + execution.program(), error);
  }
  Deliver({{{std::move(output.read), &job.on_output},
            {std::move(errors.read), &job.on_errors}}});
  return ExitCode(child);
}

std::string OutputOf(Job job) {
  std::string output;
  std::string errors;
  job.on_output = [&](std::string_view text) { output += text; };
  job.on_errors = [&](std::string_view text) { errors += text; };
  const int code = RunJob(job);
  for (std::string* text : {&output, &errors}) {
    while (text->ends_with('\n')) text->pop_back();
  }
  if (code == 0) return output;
  throw Error(job.command[0] + " " + job.command.back(),
              errors.empty() ? "exit status " + std::to_string(code) : errors);
}

}  // namespace finwait::process
