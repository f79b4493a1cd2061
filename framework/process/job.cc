// A servant and one poll loop; see the header.
#include "process/job.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "process/child.h"
#include "process/pipes.h"
#include "process/servant.h"

namespace finwait::process {
namespace {

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
  Pipe output = MakePipe();
  Pipe errors = MakePipe();
  const Pipe& second = job.on_errors ? errors : output;
  Child child(StartServant({.arguments = job.command,
                            .environment = job.environment,
                            .directory = job.folder.string(),
                            .output = output.write.get(),
                            .errors = second.write.get(),
                            .death_signal = SIGTERM}));
  for (Pipe* pipe : {&output, &errors}) pipe->write.reset();
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
