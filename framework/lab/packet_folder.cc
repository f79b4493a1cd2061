// Makes the folder and writes its files.
#include "lab/packet_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace finwait::lab {
namespace {

namespace fs = std::filesystem;

void WriteAll(const FileDescriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) ThrowErrno("writing it");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

PacketFolder::PacketFolder(fs::path folder) : folder_(std::move(folder)) {
  const std::string doing = "making " + folder_.string() + " for packets";
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) throw Error(doing, error.message(), error.value());
  // Also for root, who is refused on a read-only file system.
  if (access((folder_ / "").c_str(), W_OK | X_OK) != 0) ThrowErrno(doing);
}

std::optional<PacketFolder> PacketFolder::FromEnvironment() {
  const char* folder = std::getenv("FINWAIT_PCAPNG");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  return PacketFolder(folder);
}

fs::path PacketFolder::Reserve(const std::string& name) {
  const int number = ++reserved_[name];
  if (number == 1) return folder_ / name;
  const fs::path whole(name);
  return Reserve(whole.stem().string() + "-" + std::to_string(number) +
                 whole.extension().string());
}

void PacketFolder::Save(const fs::path& file, const std::string& bytes) {
  While("saving packets as " + file.string(), [&] {
    const FileDescriptor out(
        open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!out.valid()) ThrowErrno("opening it");
    try {
      WriteAll(out, bytes);
    } catch (...) {
      unlink(file.c_str());
      throw;
    }
  });
}

}  // namespace finwait::lab
