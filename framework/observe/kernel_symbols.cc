#include "observe/kernel_symbols.h"

#include <charconv>
#include <fstream>
#include <string>

namespace finwait::observe {
namespace {

// A line is "ffffffff820089f0 t tw_timer_handler", with "[module]" after it
// for those of modules.
TimerHandlers Read() {
  TimerHandlers handlers;
  std::ifstream symbols("/proc/kallsyms");
  for (std::string line; std::getline(symbols, line);) {
    std::uint64_t* address = nullptr;
    if (line.ends_with(" tw_timer_handler")) address = &handlers.timewait;
    if (line.ends_with(" reqsk_timer_handler")) address = &handlers.request;
    if (address == nullptr) continue;
    std::from_chars(line.data(), line.data() + line.size(), *address, 16);
  }
  return handlers;
}

}  // namespace

const TimerHandlers& KernelTimerHandlers() {
  static const TimerHandlers handlers = Read();
  return handlers;
}

}  // namespace finwait::observe
