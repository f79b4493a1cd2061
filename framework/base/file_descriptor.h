// A file descriptor that is closed when its owner goes.
#pragma once

namespace finwait {

// Owns one descriptor, or none (-1). Move-only; not thread-safe. There is no
// conversion to int: a descriptor is handed out by name, get() or release().
//
// close(2) is never retried on EINTR: Linux has freed the number by then and
// another thread may already own it again.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  // Gives the number away; the caller closes it.
  [[nodiscard]] int release() {
    int fd = fd_;
    fd_ = -1;
    return fd;
  }

  void reset();

 private:
  int fd_ = -1;
};

}  // namespace finwait
