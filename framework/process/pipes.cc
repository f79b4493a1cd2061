// Non-blocking pipe ends; see the header.
#include "process/pipes.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include "base/error.h"

namespace finwait::process {
namespace {

constexpr int kMaxReads = 16;  // of 64 KiB, by one Pump

// Bytes. The default of pipe(7), and what everybody may ask for
// (/proc/sys/fs/pipe-max-size), with which hardly any input waits for a Flush.
constexpr std::size_t kPipeSize = 65536;
constexpr int kLargePipeSize = 1 << 20;

FileDescriptor AboveStandard(FileDescriptor fd) {
  if (fd.get() > STDERR_FILENO) return fd;
  FileDescriptor higher(fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!higher.valid()) ThrowErrno("moving a pipe out of the way");
  return higher;
}

void SetNonblocking(int fd) {
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) ThrowErrno("preparing a pipe");
}

// Keeps SIGPIPE from the calling thread: a pipe has no MSG_NOSIGNAL, and the
// disposition belongs to the application that we are linked into.
class SigpipeBlocked {
 public:
  SigpipeBlocked() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  SigpipeBlocked(const SigpipeBlocked&) = delete;
  SigpipeBlocked& operator=(const SigpipeBlocked&) = delete;
  ~SigpipeBlocked() {
    const int error = errno;
    const timespec at_once{};
    if (sigismember(&before_, SIGPIPE) == 0) {
      sigtimedwait(&sigpipe_, nullptr, &at_once);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
  }

 private:
  sigset_t sigpipe_;
  sigset_t before_;
};

ssize_t WriteWithoutSignal(int fd, const std::string& text) {
  const SigpipeBlocked blocked;
  return write(fd, text.data(), text.size());
}

}  // namespace

Pipe MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) ThrowErrno("making a pipe");
  FileDescriptor read(ends[0]);
  FileDescriptor write(ends[1]);
  return {AboveStandard(std::move(read)), AboveStandard(std::move(write))};
}

OutputTail::OutputTail(FileDescriptor read) : read_(std::move(read)) {
  SetNonblocking(read_.get());
}

void OutputTail::Pump() {
  std::array<char, kKept> chunk;
  for (int reads = 0; reads < kMaxReads && read_.valid(); ++reads) {
    const ssize_t length = ::read(read_.get(), chunk.data(), chunk.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return;  // EAGAIN: nothing there
    if (length == 0) read_.reset();
    text_.append(chunk.data(), static_cast<std::size_t>(length));
    if (text_.size() > kKept) text_.erase(0, text_.size() - kKept);
  }
}

InputFeed::InputFeed(FileDescriptor write, std::string text, bool keep_open)
    : write_(std::move(write)),
      pending_(std::move(text)),
      keep_open_(keep_open) {
  SetNonblocking(write_.get());
  if (pending_.size() > kPipeSize) {
    fcntl(write_.get(), F_SETPIPE_SZ, kLargePipeSize);
  }
  Flush();
}

void InputFeed::Write(const std::string& text) {
  pending_ += text;
  Flush();
}

void InputFeed::Flush() {
  while (write_.valid() && !pending_.empty()) {
    const ssize_t length = WriteWithoutSignal(write_.get(), pending_);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == EAGAIN) return;
    if (length < 0) write_.reset();  // EPIPE: nobody will read it
    pending_.erase(
        0, length < 0 ? pending_.size() : static_cast<std::size_t>(length));
  }
  if (!keep_open_) write_.reset();
  if (!write_.valid()) pending_.clear();
}

}  // namespace finwait::process
