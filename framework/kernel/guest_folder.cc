#include "kernel/guest_folder.h"

#include <unistd.h>

#include <atomic>
#include <string>

#include "base/error.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;

constexpr char kLock[] = "lock";

// Until its lock is taken a folder has another name, which begins so and under
// which nobody removes it.
constexpr char kUnfinished[] = ".";

void RemoveLeftBehind(const fs::path& guests) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(guests, error)) {
    const fs::path& folder = entry.path();
    if (folder.filename().string().starts_with(kUnfinished)) continue;
    if (!fs::exists(folder / kLock, error)) continue;  // going just now
    if (FileLock::Try(folder / kLock)) fs::remove_all(folder, error);
  }
}

std::string NextName() {
  static std::atomic<int> count = 0;
  return std::to_string(getpid()) + "-" + std::to_string(++count);
}

fs::path MakeUnfinished(const fs::path& guests, const std::string& name) {
  fs::path folder = guests / (kUnfinished + name);
  std::error_code error;
  fs::create_directory(folder, error);
  if (error) ThrowErrno("making " + folder.string(), error.value());
  return folder;
}

}  // namespace

GuestFolder::GuestFolder(const Cache& cache)
    : GuestFolder(cache.Workshop("guests"), NextName()) {}

GuestFolder::GuestFolder(const fs::path& guests, const std::string& name)
    : path_(guests / name), lock_(MakeUnfinished(guests, name) / kLock) {
  RemoveLeftBehind(guests);
  std::error_code error;
  fs::rename(guests / (kUnfinished + name), path_, error);
  if (error) ThrowErrno("making " + path_.string(), error.value());
}

GuestFolder::~GuestFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

}  // namespace finwait::kernel
