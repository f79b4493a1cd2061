#include "kernel/message.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace finwait::kernel {
namespace {

// Before every message. Both ends are the same program on one machine: no
// byte order.
struct Head {
  std::uint32_t magic = kMagic;
  std::uint32_t kind = 0;
  std::uint64_t number = 0;
  std::uint64_t length = 0;  // of the text that follows

  static constexpr std::uint32_t kMagic = 0x66696e77;  // "finw"
};

// Longer ones are a sign of bytes that went astray.
constexpr std::uint64_t kLongest = std::uint64_t{1} << 32;

}  // namespace

std::optional<Message> MessageParser::Next() {
  Head head;
  if (buffer_.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, buffer_.data(), sizeof head);
  if (head.magic != Head::kMagic || head.length > kLongest) {
    throw Error("reading a guest's messages", "this is none");
  }
  if (buffer_.size() - sizeof head < head.length) return std::nullopt;
  Message message{.kind = static_cast<Message::Kind>(head.kind),
                  .number = head.number,
                  .text = buffer_.substr(sizeof head, head.length)};
  buffer_.erase(0, sizeof head + head.length);
  return message;
}

std::string BytesOf(const Message& message) {
  const Head head{.kind = static_cast<std::uint32_t>(message.kind),
                  .number = message.number,
                  .length = message.text.size()};
  std::string bytes(sizeof head, '\0');
  std::memcpy(bytes.data(), &head, sizeof head);
  return bytes + message.text;
}

void MessageWriter::Write(const Message& message) {
  const std::string bytes = BytesOf(message);
  std::lock_guard lock(mutex_);
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t written = write(fd_, bytes.data() + at, bytes.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) ThrowErrno("writing to the other side of a guest");
    at += static_cast<std::size_t>(written);
  }
}

}  // namespace finwait::kernel
