#include "kernel/order_file.h"

#include <unistd.h>

#include <atomic>
#include <fstream>

#include "base/error.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;

constexpr char kSuffix[] = ".order";

void RemoveLeftBehind(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != kSuffix) continue;
    if (FileLock::Try(entry.path())) fs::remove(entry.path(), error);
  }
}

std::string NextName() {
  static std::atomic<int> count = 0;
  return std::to_string(getpid()) + "-" + std::to_string(++count);
}

}  // namespace

OrderFile::OrderFile(const fs::path& folder, const Order& order)
    : OrderFile(folder, NextName(), order) {}

// Until it is locked it has another name, under which nobody removes it.
OrderFile::OrderFile(const fs::path& folder, const std::string& name,
                     const Order& order)
    : path_(folder / (name + kSuffix)), lock_(folder / name) {
  RemoveLeftBehind(folder);
  std::ofstream(folder / name, std::ios::binary) << BytesOf(order);
  std::error_code error;
  fs::rename(folder / name, path_, error);
  if (error) ThrowErrno("writing " + path_.string(), error.value());
}

OrderFile::~OrderFile() {
  std::error_code error;
  fs::remove(path_, error);
}

}  // namespace finwait::kernel
