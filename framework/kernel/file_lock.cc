#include "kernel/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "base/error.h"

namespace finwait::kernel {
namespace {

FileDescriptor Open(const std::filesystem::path& file) {
  FileDescriptor opened(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!opened.valid()) ThrowErrno("opening " + file.string());
  return opened;
}

// False if another has it.
bool Lock(const FileDescriptor& opened, const std::filesystem::path& file,
          int options) {
  while (flock(opened.get(), LOCK_EX | options) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) ThrowErrno("locking " + file.string());
  }
  return true;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file,
                   const std::function<void()>& on_wait)
    : file_(Open(file)) {
  if (Lock(file_, file, LOCK_NB)) return;
  if (on_wait) on_wait();
  Lock(file_, file, 0);
}

std::optional<FileLock> FileLock::Try(const std::filesystem::path& file) {
  FileDescriptor opened = Open(file);
  if (!Lock(opened, file, LOCK_NB)) return std::nullopt;
  return FileLock(std::move(opened));
}

}  // namespace finwait::kernel
