#include "kernel/guest_command.h"

#include <poll.h>
#include <unistd.h>

#include <array>

#include "process/pipes.h"
#include "process/servant.h"

namespace finwait::kernel {
namespace {

using Kind = Message::Kind;

constexpr int kKilledBy = 128;  // exit status of a shell: 128 + signal

// Passes on what there is; false at the end.
bool PassOn(FileDescriptor& from, std::uint64_t number, MessageWriter& writer) {
  std::array<char, 16384> buffer;
  const ssize_t length = read(from.get(), buffer.data(), buffer.size());
  if (length <= 0) return false;
  writer.Write({.kind = Kind::kOutput,
                .number = number,
                .text = {buffer.data(), static_cast<std::size_t>(length)}});
  return true;
}

void PassOnUntilEnd(FileDescriptor output, FileDescriptor errors,
                    MessageWriter& writer) {
  std::array<FileDescriptor*, 2> streams = {&output, &errors};
  while (output.valid() || errors.valid()) {
    std::array<pollfd, 2> waiting = {
        {{output.get(), POLLIN, 0}, {errors.get(), POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), -1) < 0) continue;
    for (std::size_t n = 0; n < waiting.size(); ++n) {
      if (waiting[n].revents != 0 && !PassOn(*streams[n], n + 1, writer)) {
        streams[n]->reset();
      }
    }
  }
}

}  // namespace

void RunCommand(const std::vector<std::string>& command,
                MessageWriter& writer) {
  process::Pipe output = process::MakePipe();
  process::Pipe errors = process::MakePipe();
  process::Child child(process::StartServant({.arguments = command,
                                              .environment = {},
                                              .directory = {},
                                              .output = output.write.get(),
                                              .errors = errors.write.get()}));
  output.write.reset();
  errors.write.reset();
  PassOnUntilEnd(std::move(output.read), std::move(errors.read), writer);
  pollfd ended{child.pidfd(), POLLIN, 0};
  while (poll(&ended, 1, -1) < 0) {
  }
  const process::Ended how = child.Poll().value();
  const int status =
      how.exit_code ? *how.exit_code : kKilledBy + how.term_signal.value_or(0);
  writer.Write({.kind = Kind::kExited,
                .number = static_cast<std::uint64_t>(status),
                .text = {}});
}

}  // namespace finwait::kernel
