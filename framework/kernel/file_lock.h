// One process at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "base/file_descriptor.h"

namespace finwait::kernel {

// Holds the lock of a file that is made for it (flock(2)), and goes with its
// owner, whatever ends that. Move-only.
class FileLock {
 public:
  // Waits if another has it, after `on_wait`. Throws Error naming the file.
  explicit FileLock(const std::filesystem::path& file,
                    const std::function<void()>& on_wait = nullptr);

  // Nothing if another has it.
  static std::optional<FileLock> Try(const std::filesystem::path& file);

 private:
  explicit FileLock(FileDescriptor file) : file_(std::move(file)) {}

  FileDescriptor file_;
};

}  // namespace finwait::kernel
