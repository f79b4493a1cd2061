// Asking a program of the host: dpkg-query, a loader, python3.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace finwait::kernel {

// What it printed, without the newline at the end; what it says on standard
// error is dropped. Nothing if it is not there or does not exit with 0.
// Blocks until it has ended. Any thread.
std::optional<std::string> HostAnswer(const std::vector<std::string>& command);

}  // namespace finwait::kernel
