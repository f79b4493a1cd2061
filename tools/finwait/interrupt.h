// Ctrl-C as something that can be waited for.
#pragma once

#include "base/file_descriptor.h"

namespace finwait::tools {

// From here on SIGINT, SIGTERM and SIGHUP make the returned descriptor
// readable, for good, instead of ending the process; a second one ends it at
// once (the sandboxes clean up after a dead process, too). Call once, before
// any thread is started; the descriptor must live to the end.
FileDescriptor CatchInterrupts();

}  // namespace finwait::tools
