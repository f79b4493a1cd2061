// Programs, started with Boost.Process v2.
//
// Why v2: it has what a start in another namespace needs, a hook between fork
// and exec (on_exec_setup) and errors of exec reported to the parent, and v1 is
// deprecated upstream. It is used header-only and only to start: as packaged in
// 1.81 and 1.83 it leaves these to its user, so the hook and Launch do them.
// - Its closing of descriptors spares those between two kept ones, and the pipe
//   that reports errors is always kept (boostorg/process pull request 360).
// - A child whose exec failed calls exit(3), which would run our own atexit
//   handlers and flush our stdio in it; on_exec_error leaves before that.
// - That child is not reaped.
// - posix::bind_fd::on_setup has no return statement.
// - If it has no descriptor left for its own handle of a child that runs, it
//   throws, leaves that to run, and loses the handle's descriptors.
// - BOOST_PROCESS_USE_STD_FS does not compile (1.81).
// What cannot be helped from here: notify_fork allocates in the child, which
// glibc's malloc allows (its fork leaves the child's arenas unlocked).
#include "process/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "process/after_fork.h"
#include "process/pipes.h"
#include "process/second_birth.h"

namespace finwait::process {
namespace {

namespace boost_process = boost::process::v2;

// The child's half of the start: where it lives and which descriptors it has.
// All that it calls are raw system calls.
struct Birth {
  const SecondBirth& second;  // in the sandbox's cgroup
  int namespace_fd = -1;
  int input = -1;
  int output = -1;
  int readiness = -1;         // our number of its writing end, or -1
  int readiness_target = -1;  // the number the program is told

  // Before the fork: the launcher, too, closes descriptors.
  boost_process::error_code on_setup(
      boost_process::posix::default_launcher& launcher,
      const boost_process::filesystem::path& /*executable*/,
      const char* const* /*arguments*/) const {
    if (readiness >= 0) launcher.fd_whitelist.push_back(readiness_target);
    return {};
  }

  boost_process::error_code on_exec_setup(
      boost_process::posix::default_launcher& launcher,
      const boost_process::filesystem::path& /*executable*/,
      const char* const* /*arguments*/) const {
    const int error = Settle(launcher.fd_whitelist.back());
    errno = error;  // what the launcher reports
    return {error, boost_process::system_category()};
  }

  // By then the launcher has reported the error.
  template <typename... Arguments>
  void on_exec_error(Arguments&&...) const {
    _exit(EXIT_FAILURE);
  }

 private:
  // 0 or an errno value. `report` is the launcher's close-on-exec pipe.
  int Settle(int report) const {
    if (report <= STDERR_FILENO) return EBADF;  // our own 0, 1, 2 are closed
    if (int error = second.AfterFork()) return error;
    if (int error = netns::EnterAfterFork(namespace_fd)) return error;
    setsid();
    if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0) {
      return errno;
    }
    if (int error = PlaceReadiness(report)) return error;
    CloseFrom(STDERR_FILENO + 1, report, readiness_target);
    RaiseFileLimit();
    ResetSignals();
    return 0;
  }

  int PlaceReadiness(int report) const {
    if (readiness < 0) return 0;
    if (readiness_target == report) return EBUSY;
    const int result = readiness == readiness_target
                           ? fcntl(readiness, F_SETFD, 0)
                           : dup2(readiness, readiness_target);
    return result < 0 ? errno : 0;
  }
};

std::string NameOf(std::string_view setting) {
  return std::string(setting.substr(0, setting.find('=')));
}

// Ours with the additions, as execve wants it.
std::vector<std::string> MergedEnvironment(
    const std::map<std::string, std::string>& additions) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!additions.contains(NameOf(*entry))) merged.emplace_back(*entry);
  }
  for (const auto& [name, value] : additions) {
    merged.push_back(name);
    merged.back().append("=").append(value);
  }
  return merged;
}

std::vector<const char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

// On the spawner. Returns the pid once exec has succeeded.
pid_t Launch(const std::string& executable, const Command& command,
             const std::vector<const char*>& environment, const Birth& birth) {
  boost::asio::io_context context(1);
  boost_process::posix::default_launcher launcher;
  launcher.env = environment.data();
  boost_process::error_code error;
  const std::vector<std::string> arguments(command.arguments.begin() + 1,
                                           command.arguments.end());
  try {
    auto started =
        launcher(context.get_executor(), error, executable, arguments, birth);
    if (!error) started.detach();
  } catch (const boost::system::system_error& failure) {
    error = failure.code();
  }
  const pid_t pid = birth.second.Survivor(launcher.pid);
  if (!error) return pid;
  if (pid > 0) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  ThrowErrno("starting " + executable, error.value());
}

std::string ExecutableOf(const Command& command) {
  if (command.arguments.empty()) {
    throw std::invalid_argument("a command without a program");
  }
  return ExecutablePath(command.arguments.front());
}

// The writing end of a readiness pipe, numbered `target` already if that is
// free here, so that no other descriptor of the start can take the number.
FileDescriptor Placed(const FileDescriptor& write, int target) {
  if (target <= STDERR_FILENO) {
    throw std::invalid_argument("a readiness descriptor below 3");
  }
  FileDescriptor placed(fcntl(write.get(), F_DUPFD_CLOEXEC, target));
  if (!placed.valid()) {
    ThrowErrno("readiness descriptor " + std::to_string(target));
  }
  return placed;
}

bool IsExecutable(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) &&
         access(path.c_str(), X_OK) == 0;
}

}  // namespace

class Program::State {
 public:
  State(Sandbox& sandbox, const netns::Namespace& ns, const Command& command)
      : State(sandbox, ns, command, MakePipe(), MakePipe()) {}

  int readiness_fd() const { return ready_ ? -1 : readiness_.get(); }
  bool Ready();

  OutputTail output;
  InputFeed input;
  std::shared_ptr<Child> child;

 private:
  State(Sandbox& sandbox, const netns::Namespace& ns, const Command& command,
        Pipe in, Pipe out);

  FileDescriptor readiness_;
  bool ready_ = false;
};

Program::State::State(Sandbox& sandbox, const netns::Namespace& ns,
                      const Command& command, Pipe in, Pipe out)
    : output(std::move(out.read)),
      input(std::move(in.write), command.standard_input,
            command.keep_input_open) {
  const std::string executable = ExecutableOf(command);
  const auto environment = MergedEnvironment(command.environment);
  const SecondBirth second(sandbox.cgroup());
  Birth birth{.second = second,
              .namespace_fd = ns.fd(),
              .input = in.read.get(),
              .output = out.write.get()};
  FileDescriptor readiness_end;
  if (command.readiness_descriptor) {
    Pipe pipe = MakePipe();
    birth.readiness_target = *command.readiness_descriptor;
    readiness_end = Placed(pipe.write, birth.readiness_target);
    birth.readiness = readiness_end.get();
    readiness_ = std::move(pipe.read);
    fcntl(readiness_.get(), F_SETFL, O_NONBLOCK);
  }
  child = sandbox.Spawn([&] {
    return Launch(executable, command, Pointers(environment), birth);
  });
}

// Stays open once ready, or the program's next write would kill it (SIGPIPE).
bool Program::State::Ready() {
  char byte = 0;
  if (ready_ || !readiness_.valid()) return ready_;
  const ssize_t length = read(readiness_.get(), &byte, 1);
  if (length == 0) readiness_.reset();  // closed without a word
  ready_ = length > 0;
  return ready_;
}

Program::Program(Sandbox& sandbox, const netns::Namespace& ns,
                 const Command& command)
    : state_(std::make_unique<State>(sandbox, ns, command)) {}
Program::~Program() = default;
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;

pid_t Program::pid() const { return state_->child->pid(); }
int Program::pidfd() const { return state_->child->pidfd(); }
int Program::output_fd() const { return state_->output.fd(); }
int Program::readiness_fd() const { return state_->readiness_fd(); }
const std::string& Program::output() const { return state_->output.text(); }
bool Program::Ready() { return state_->Ready(); }
void Program::Signal(int signal) { state_->child->Signal(signal); }

void Program::Pump() {
  state_->input.Flush();
  state_->output.Pump();
}

void Program::WriteInput(const std::string& text) { state_->input.Write(text); }

std::optional<Ended> Program::Poll() {
  state_->input.Flush();
  return state_->child->Poll();
}

std::optional<std::string> FindExecutable(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return IsExecutable(name) ? std::optional(name) : std::nullopt;
  }
  const char* path = std::getenv("PATH");
  std::string directories(path != nullptr ? path : "/usr/bin:/bin");
  directories += ":/usr/sbin:/sbin";
  for (std::size_t begin = 0; begin < directories.size();) {
    const std::size_t end =
        std::min(directories.find(':', begin), directories.size());
    const std::string found =
        directories.substr(begin, end - begin) + "/" + name;
    if (end > begin && IsExecutable(found)) return found;
    begin = end + 1;
  }
  return std::nullopt;
}

std::string ExecutablePath(const std::string& name) {
  if (auto path = FindExecutable(name)) return *path;
  throw Error(name, name.find('/') == std::string::npos
                        ? "not found in PATH"
                        : "no such executable file");
}

}  // namespace finwait::process
