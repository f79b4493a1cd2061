// A running guest, as its host sees it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "kernel/boot.h"
#include "kernel/message.h"
#include "kernel/order.h"
#include "process/child.h"
#include "process/pipes.h"

namespace finwait::kernel {

// Owns the process of a guest and both lines to it: the channel and the
// console. Ends it when it goes; a guest also ends when the thread that made
// this does. One thread.
class GuestProcess {
 public:
  // Starts it; it gets its order when it is ready, or as a file. Throws Error
  // if it cannot be started.
  GuestProcess(Boot boot, const Order& order);

  enum class What : std::uint8_t {
    kMessage,
    kGone,         // the guest's process has ended
    kSilent,       // nothing was heard for too long
    kInterrupted,  // by the user
  };
  struct Heard {
    What what = What::kGone;
    Message message;
  };
  // Waits for the next message after that. Throws Error if what comes is none.
  Heard Listen(Duration silence, int interrupt_fd);

  // The last lines on the console, without empty ones.
  std::string Console() const;

 private:
  void Send();
  bool Receive();
  // Waits until there is something new. What else than a message, if so.
  std::optional<What> Wait(TimePoint deadline, int interrupt_fd);

  Boot boot_;
  FileDescriptor channel_;
  const std::string order_;
  std::string unsent_;  // of the order, once the guest is ready
  std::unique_ptr<process::OutputTail> console_;
  std::unique_ptr<process::Child> child_;
  MessageParser parser_;
};

}  // namespace finwait::kernel
