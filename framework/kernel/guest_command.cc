#include "kernel/guest_command.h"

#include <string_view>

#include "process/job.h"

namespace finwait::kernel {

using Kind = Message::Kind;

void RunCommand(const std::vector<std::string>& command,
                MessageWriter& writer) {
  const auto pass_on = [&](std::uint64_t number) {
    return [&writer, number](std::string_view text) {
      writer.Write(
          {.kind = Kind::kOutput, .number = number, .text = std::string(text)});
    };
  };
  const int status = process::RunJob({.command = command,
                                      .folder = {},
                                      .environment = {},
                                      .on_output = pass_on(1),
                                      .on_errors = pass_on(2)});
  writer.Write({.kind = Kind::kExited,
                .number = static_cast<std::uint64_t>(status),
                .text = {}});
}

}  // namespace finwait::kernel
