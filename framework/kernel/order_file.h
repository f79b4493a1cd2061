// An order as a file, for a guest that sees its host's.
#pragma once

#include <filesystem>

#include "kernel/file_lock.h"
#include "kernel/order.h"

namespace finwait::kernel {

// Owns the file, which is gone when it goes. Those that dead processes left
// in the folder are removed, too.
class OrderFile {
 public:
  OrderFile(const std::filesystem::path& folder, const Order& order);
  ~OrderFile();
  OrderFile(const OrderFile&) = delete;
  OrderFile& operator=(const OrderFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  OrderFile(const std::filesystem::path& folder, const std::string& name,
            const Order& order);

  std::filesystem::path path_;
  FileLock lock_;  // says that the file is not a dead process's
};

}  // namespace finwait::kernel
