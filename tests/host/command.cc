#include "command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace finwait::host {
namespace {

constexpr int kCannotExecute = 126;  // as a shell says it

bool WaitReadable(int fd) {
  pollfd waiting{.fd = fd, .events = POLLIN};
  return poll(&waiting, 1, kPatience) == 1;
}

FileDescriptor OpenPidfd(pid_t pid) {
  return FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

std::string ParentOf(const std::filesystem::path& process) {
  std::ifstream status(process / "status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("PPid:\t")) return line.substr(6);
  }
  return "";
}

[[noreturn]] void Execute(const std::vector<std::string>& arguments) {
  std::vector<char*> pointers{const_cast<char*>(FINWAIT_COMMAND)};
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  _exit(kCannotExecute);
}

}  // namespace

Command::Command(const std::vector<std::string>& arguments,
                 const std::function<void()>& before_exec) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) ThrowErrno("pipe2");
  read_ = FileDescriptor(ends[0]);
  const FileDescriptor write(ends[1]);
  pid_ = fork();
  if (pid_ < 0) ThrowErrno("fork");
  if (pid_ > 0) return;
  dup2(write.get(), STDOUT_FILENO);
  dup2(write.get(), STDERR_FILENO);
  if (before_exec) before_exec();
  Execute(arguments);
}

Command::~Command() {
  Signal(SIGKILL);
  Wait();
}

void Command::Signal(int signal) const {
  if (pid_ > 0) kill(pid_, signal);
}

bool Command::ReadMore() {
  std::array<char, 4096> piece;
  if (!read_.valid() || !WaitReadable(read_.get())) return false;
  const ssize_t length = read(read_.get(), piece.data(), piece.size());
  if (length <= 0) return false;
  output_.append(piece.data(), static_cast<std::size_t>(length));
  return true;
}

bool Command::WaitPrinted(const std::string& text) {
  while (output_.find(text) == std::string::npos) {
    if (!ReadMore()) return false;
  }
  return true;
}

int Command::Wait() {
  if (pid_ <= 0) return -1;
  while (ReadMore()) {
  }
  const FileDescriptor end = OpenPidfd(pid_);
  if (!WaitReadable(end.get())) Signal(SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::vector<pid_t> ChildrenOf(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    if (ParentOf(entry.path()) == std::to_string(parent)) {
      children.push_back(std::stoi(entry.path().filename()));
    }
  }
  return children;
}

// In any order: the init of a pid namespace ends only when all the others of
// it are reaped.
bool NobodyIsLeft() {
  pid_t reaped = 0;
  while ((reaped = waitpid(-1, nullptr, WNOHANG)) >= 0) {
    if (reaped > 0) continue;
    std::vector<FileDescriptor> pidfds;
    std::vector<pollfd> ends;
    for (const pid_t child : ChildrenOf(getpid())) {
      pidfds.push_back(OpenPidfd(child));
      ends.push_back({.fd = pidfds.back().get(), .events = POLLIN});
    }
    if (poll(ends.data(), ends.size(), kPatience) == 0) return false;
  }
  return true;
}

}  // namespace finwait::host
