#include "kernel/initial_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <string>

#include "base/error.h"
#include "kernel/elf.h"

namespace finwait::kernel {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;  // nanoseconds

class Archive {
 public:
  explicit Archive(int descriptor)
      : archive_(archive_write_new(), archive_write_free) {
    Check(archive_write_set_format_cpio_newc(archive_.get()));
    Check(archive_write_open_fd(archive_.get(), descriptor));
  }

  void Add(const std::string& path, const InitialFile& file) {
    doing_ = "putting " + path + " into an initial file system";
    WriteHeader(path, file);
    if (!S_ISREG(file.mode)) return;
    if (file.source.empty()) {
      Write(file.text.data(), file.text.size());
    } else {
      Copy(file);
    }
  }

  void Finish() { Check(archive_write_close(archive_.get())); }

 private:
  void Check(la_ssize_t result) {
    if (result >= 0) return;
    throw Error(doing_, archive_error_string(archive_.get()),
                archive_errno(archive_.get()));
  }

  void WriteHeader(const std::string& path, const InitialFile& file) {
    std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(
        archive_entry_new(), archive_entry_free);
    archive_entry_copy_pathname(entry.get(), path.c_str() + 1);
    archive_entry_set_mode(entry.get(), file.mode);
    archive_entry_set_nlink(entry.get(), 1);
    archive_entry_set_mtime(entry.get(), file.modified / kSecond, 0);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.size));
    if (S_ISLNK(file.mode)) {
      archive_entry_copy_symlink(entry.get(), file.text.c_str());
    }
    Check(archive_write_header(archive_.get(), entry.get()));
  }

  void Write(const char* bytes, std::size_t size) {
    Check(archive_write_data(archive_.get(), bytes, size));
  }

  void Copy(const InitialFile& file) {
    std::ifstream in(file.source, std::ios::binary);
    std::array<char, 65536> block;
    const bool is_cut = file.size < std::filesystem::file_size(file.source);
    for (std::uint64_t done = 0; done < file.size;) {
      const auto size = std::min<std::uint64_t>(block.size(), file.size - done);
      if (!in.read(block.data(), static_cast<std::streamsize>(size))) {
        throw Error(doing_, "it changed while it was read", EIO);
      }
      if (is_cut && done == 0) ForgetSections(block.data());
      Write(block.data(), size);
      done += size;
    }
  }

  std::string doing_ = "writing an initial file system";
  std::unique_ptr<archive, decltype(&archive_write_free)> archive_;
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
