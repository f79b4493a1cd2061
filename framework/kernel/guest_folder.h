// What a running guest has on its host's disk.
#pragma once

#include <filesystem>

#include "kernel/cache.h"
#include "kernel/file_lock.h"

namespace finwait::kernel {

// Owns a folder of one guest in the cache's workshop; all in it goes with the
// owner. What dead processes left there is removed, too.
class GuestFolder {
 public:
  explicit GuestFolder(const Cache& cache);  // throws Error
  ~GuestFolder();
  GuestFolder(const GuestFolder&) = delete;
  GuestFolder& operator=(const GuestFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  GuestFolder(const std::filesystem::path& guests, const std::string& name);

  std::filesystem::path path_;
  FileLock lock_;  // says that the folder is not a dead process's
};

}  // namespace finwait::kernel
