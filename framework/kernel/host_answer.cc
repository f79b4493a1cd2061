#include "kernel/host_answer.h"

#include <string_view>
#include <utility>

#include "base/error.h"
#include "process/job.h"

namespace finwait::kernel {

std::optional<std::string> HostAnswer(const std::vector<std::string>& command) {
  process::Job job;
  job.command = command;
  job.on_errors = [](std::string_view) {};
  try {
    return process::OutputOf(std::move(job));
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace finwait::kernel
