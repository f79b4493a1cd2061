// finwait exec: any command on another kernel.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "arena.h"
#include "commands.h"
#include "interrupt.h"

namespace finwait::tools {
namespace {

void WriteAll(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = write(fd, text.data() + at, text.size() - at);
    if (written <= 0) return;  // nobody listens any more
    at += static_cast<std::size_t>(written);
  }
}

}  // namespace

void AddExecOptions(CLI::App& exec, ExecArguments& arguments) {
  exec.add_option("--kernel", arguments.kernel,
                  "A name from `finwait kernel list`")
      ->required()
      ->type_name("NAME");
  exec.add_option("command", arguments.command, "The command and its arguments")
      ->required();
  exec.prefix_command(false);
}

int Exec(const ExecArguments& arguments) {
  const kernel::Cache cache;
  const kernel::Kernel kernel = cache.Find(arguments.kernel);
  const FileDescriptor interrupt = CatchInterrupts();
  return kernel::RunInGuest(kernel, cache, arguments.command, interrupt.get(),
                            WriteAll);
}

}  // namespace finwait::tools
