#include "kernel/guest_process.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "process/servant.h"

namespace finwait::kernel {
namespace {

constexpr std::size_t kConsoleLines = 12;  // shown: a panic and what led to it
constexpr std::size_t kAfterPanic = 2;     // of these

struct SocketPair {
  FileDescriptor ours;
  FileDescriptor guests;
};

SocketPair MakeChannel() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    ThrowErrno("making the channel to a guest");
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

void WriteFile(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes << std::flush;
  if (!file) ThrowErrno("writing " + path.string());
}

int MillisecondsTo(TimePoint deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      deadline - MonotonicClock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30));
}

}  // namespace

GuestProcess::GuestProcess(Boot boot, const Order& order)
    : boot_(std::move(boot)),
      order_(BytesOf(Message{.kind = Message::Kind::kOrder,
                             .number = 0,
                             .text = BytesOf(order)})) {
  if (!boot_.order_file.empty()) WriteFile(boot_.order_file, BytesOf(order));
  SocketPair channel = MakeChannel();
  process::Pipe console = process::MakePipe();
  child_ = std::make_unique<process::Child>(
      process::StartServant({.arguments = boot_.command,
                             .environment = boot_.environment,
                             .directory = {},
                             .output = console.write.get(),
                             .errors = console.write.get(),
                             .channel = channel.guests.get(),
                             .processor = boot_.processor}));
  channel_ = std::move(channel.ours);
  console_ = std::make_unique<process::OutputTail>(std::move(console.read));
}

GuestProcess::Heard GuestProcess::Listen(Duration silence, int interrupt_fd) {
  const TimePoint deadline = MonotonicClock::now() + silence;
  while (true) {
    auto message = parser_.Next();
    if (message && message->kind == Message::Kind::kReady) {
      unsent_ = order_;
    } else if (message) {
      return {What::kMessage, std::move(*message)};
    }
    if (const auto other = Wait(deadline, interrupt_fd)) return {*other, {}};
  }
}

std::optional<GuestProcess::What> GuestProcess::Wait(TimePoint deadline,
                                                     int interrupt_fd) {
  const short channel_events =
      unsent_.empty() ? POLLIN : static_cast<short>(POLLIN | POLLOUT);
  std::array<pollfd, 4> waiting = {{{channel_.get(), channel_events, 0},
                                    {console_->fd(), POLLIN, 0},
                                    {child_->pidfd(), POLLIN, 0},
                                    {interrupt_fd, POLLIN, 0}}};
  const int ready =
      poll(waiting.data(), waiting.size(), MillisecondsTo(deadline));
  if (ready < 0) return std::nullopt;  // EINTR
  if (ready == 0) return What::kSilent;
  if (waiting[1].revents != 0) console_->Pump();
  if ((waiting[0].revents & POLLOUT) != 0) Send();
  if ((waiting[0].revents & (POLLIN | POLLHUP)) != 0 && Receive()) {
    return std::nullopt;
  }
  if (waiting[2].revents != 0) {
    console_->Pump();
    return What::kGone;
  }
  if (waiting[3].revents != 0) return What::kInterrupted;
  return std::nullopt;
}

void GuestProcess::Send() {
  const ssize_t sent = send(channel_.get(), unsent_.data(), unsent_.size(),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
  // A guest that is gone is noticed by its end.
  if (sent > 0) unsent_.erase(0, static_cast<std::size_t>(sent));
}

bool GuestProcess::Receive() {
  std::array<char, 65536> buffer;
  const ssize_t length =
      recv(channel_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (length > 0) {
    parser_.Add({buffer.data(), static_cast<std::size_t>(length)});
    return true;
  }
  if (length == 0) channel_.reset();  // poll(2) passes over what is closed
  return false;
}

std::string GuestProcess::Console() const {
  std::vector<std::string> lines;
  std::size_t panic = 0;  // its line, counted from 1
  std::istringstream text(console_->text());
  for (std::string line; std::getline(text, line);) {
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (line.empty()) continue;
    lines.push_back(line);
    if (line.find("Kernel panic") != std::string::npos) panic = lines.size();
  }
  // What follows a panic is the way there, and tells less than what led to it.
  const std::size_t end =
      panic > 0 ? std::min(panic + kAfterPanic, lines.size()) : lines.size();
  std::string last;
  for (std::size_t n = end - std::min(end, kConsoleLines); n < end; ++n) {
    last += "\n    " + lines[n];
  }
  return last;
}

}  // namespace finwait::kernel
