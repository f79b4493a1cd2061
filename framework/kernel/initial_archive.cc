#include "kernel/initial_archive.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kernel/elf.h"

namespace finwait::kernel {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::int64_t kSecond = 1'000'000'000;  // nanoseconds

// As Documentation/driver-api/early-userspace/buffer-format.rst of the kernel
// has it: a header of hexadecimal numbers, the name, the bytes, each part
// filled up to a multiple of 4.
class Archive {
 public:
  explicit Archive(int descriptor) : descriptor_(descriptor) {}

  void Add(const std::string& path, const InitialFile& file) {
    doing_ = "putting " + path + " into an initial file system";
    WriteHeader(path.substr(1), file);
    if (file.source.empty()) {
      Write(file.text);
    } else {
      Copy(file);
    }
    Fill();
  }

  void Finish() {
    doing_ = "writing an initial file system";
    WriteHeader("TRAILER!!!", {.source = {}, .text = {}});
    Flush();
  }

 private:
  void WriteHeader(const std::string& name, const InitialFile& file) {
    const std::uint64_t size =
        file.source.empty() ? file.text.size() : file.size;
    if (size > UINT32_MAX) throw Error(doing_, "it is too large", EFBIG);
    const std::int64_t modified = file.IsPassedThrough() ? 0 : file.modified;
    std::array<char, 111> header;  // "070701" and 13 numbers of 8 digits
    std::snprintf(header.data(), header.size(),
                  "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
                  ++number_, file.mode, 0, 0, 1,
                  static_cast<unsigned>(modified / kSecond),
                  static_cast<unsigned>(size), 0, 0, 0, 0,
                  static_cast<unsigned>(name.size() + 1), 0);
    Write(header.data());
    Write({name.c_str(), name.size() + 1});
    Fill();
  }

  void Copy(const InitialFile& file) {
    std::ifstream in(file.source, std::ios::binary);
    std::vector<char> block(std::min<std::uint64_t>(kBlock, file.size));
    const bool is_cut = file.size < std::filesystem::file_size(file.source);
    for (std::uint64_t done = 0; done < file.size;) {
      const auto size = std::min<std::uint64_t>(block.size(), file.size - done);
      if (!in.read(block.data(), static_cast<std::streamsize>(size))) {
        throw Error(doing_, "it changed while it was read", EIO);
      }
      if (is_cut && done == 0) ForgetSections(block.data());
      Write({block.data(), size});
      done += size;
    }
  }

  void Write(std::string_view bytes) {
    written_ += bytes.size();
    pending_ += bytes;
    if (pending_.size() >= kBlock) Flush();
  }

  void Fill() { Write(std::string((4 - written_ % 4) % 4, '\0')); }

  void Flush() {
    std::string_view left = pending_;
    while (!left.empty()) {
      const ssize_t written = write(descriptor_, left.data(), left.size());
      if (written < 0) ThrowErrno(doing_);
      left.remove_prefix(static_cast<std::size_t>(written));
    }
    pending_.clear();
  }

  const int descriptor_;
  std::string doing_;
  std::string pending_;
  std::uint64_t written_ = 0;
  unsigned number_ = 0;  // as inodes have, each its own
};

}  // namespace

void WriteArchive(const InitialFiles& files, int descriptor) {
  Archive archive(descriptor);
  for (const auto& [path, file] : files.entries()) {
    if (path != "/") archive.Add(path, file);
  }
  archive.Finish();
}

}  // namespace finwait::kernel
