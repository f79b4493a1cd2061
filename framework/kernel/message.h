// What a guest and its host say to each other.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"

namespace finwait::kernel {

// One message. `number` is a case's index, or what the kind says.
struct Message {
  enum class Kind : std::uint8_t {
    kReady,    // guest: now it can hear; the first message
    kOrder,    // host: an Order (order.h); the first and only one it sends
    kStarted,  // guest: finwait runs there; number: CLOCK_MONOTONIC in ns
    kStatus,   // guest: what case `number` does now; empty: it has finished
    kResult,   // guest: report::WriteTranscript of case `number`
    kOutput,   // guest: what a command printed; number: descriptor 1 or 2
    kExited,   // guest: how a command ended; number: exit status as in a shell
    kTrouble,  // guest: it cannot go on, and why
    kDone,     // guest: all is said; number: CLOCK_MONOTONIC in ns
  };
  Kind kind = Kind::kDone;
  std::uint64_t number = 0;
  std::string text;
};

// Takes bytes as they come and gives whole messages.
class MessageParser {
 public:
  void Add(std::string_view bytes) { buffer_ += bytes; }
  // Throws Error if the bytes are not messages.
  std::optional<Message> Next();

 private:
  std::string buffer_;
};

std::string BytesOf(const Message& message);

// Writes to a descriptor that blocks. Any thread. Throws Error.
class MessageWriter {
 public:
  explicit MessageWriter(int fd) : fd_(fd) {}
  void Write(const Message& message);

 private:
  std::mutex mutex_;
  const int fd_;
};

}  // namespace finwait::kernel
