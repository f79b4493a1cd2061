// Closing descriptors, once.
#include "base/file_descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace finwait {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void FileDescriptor::reset() {
  if (!valid()) return;
  // An owner that goes while an error is being reported must not change it.
  int saved = errno;
  ::close(release());
  errno = saved;
}

}  // namespace finwait
