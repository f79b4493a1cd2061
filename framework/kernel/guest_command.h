// A command run in a guest, as by a shell.
#pragma once

#include <string>
#include <vector>

#include "kernel/message.h"

namespace finwait::kernel {

// Runs it, writes its output and then how it ended. Throws Error if it cannot
// be started.
void RunCommand(const std::vector<std::string>& command, MessageWriter& writer);

}  // namespace finwait::kernel
