// The files a machine finds when it starts: a picture of parts of the host.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace finwait::kernel {

// One of them.
struct InitialFile {
  mode_t mode = 0;               // type and permissions, as in stat(2)
  std::int64_t modified = 0;     // nanoseconds since 1970
  std::uint64_t size = 0;        // bytes in the picture
  std::filesystem::path source;  // whose bytes these are; empty: `text`
  std::string text;              // a link's target, or bytes of our own
  bool whole = false;  // a folder that was taken with all that was in it

  // A folder that is there for some of what is in it: on the host its time
  // changes with the rest, too.
  bool IsPassedThrough() const { return S_ISDIR(mode) && !whole; }
};

// What goes into an initial file system, each at the path it has on the host.
// Nothing is read or kept open but names and sizes. A value; one thread.
class InitialFiles {
 public:
  // With the folders above it; a link is kept, and leads to what it leads to
  // on the host. A folder comes without its contents. Throws Error if there
  // is no such file or it may not be read.
  void Add(const std::filesystem::path& path);

  // The same, but something else than a file, link or folder, or what may not
  // be read, or is not there, is left out.
  void AddIfThere(const std::filesystem::path& path);

  // A folder with everything in it for which wanted() is true; it is called
  // with folders, too. Contents are taken by AddIfThere.
  void AddFolder(
      const std::filesystem::path& folder,
      const std::function<bool(const std::filesystem::path&)>& wanted);

  // What the host has, or else an empty folder, a file or a link of our own,
  // with the folders above it.
  void AddEmptyFolder(const std::filesystem::path& path);
  void AddText(const std::filesystem::path& path, std::string text);
  void AddLink(const std::filesystem::path& path, std::string target);

  // By path: a folder comes before what is in it.
  const std::map<std::string, InitialFile>& entries() const { return entries_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  void Place(const std::string& path, InitialFile file);

  std::map<std::string, InitialFile> entries_;
  std::uint64_t bytes_ = 0;
};

}  // namespace finwait::kernel
