#include "interrupt.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/error.h"

namespace finwait::tools {
namespace {

int interrupt_event = -1;  // a handler can reach nothing else

void OnSignal(int) {
  const int saved = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written =
      write(interrupt_event, &one, sizeof one);
  errno = saved;
}

}  // namespace

FileDescriptor CatchInterrupts() {
  FileDescriptor event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event.valid()) ThrowErrno("making an eventfd");
  interrupt_event = event.get();
  struct sigaction action {};
  action.sa_handler = OnSignal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    sigaction(signal, &action, nullptr);
  }
  return event;
}

}  // namespace finwait::tools
