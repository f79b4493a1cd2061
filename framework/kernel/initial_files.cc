#include "kernel/initial_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <list>
#include <utility>

#include "base/error.h"
#include "kernel/elf.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // as path_resolution(7)

std::string Doing(const fs::path& path) {
  return "taking " + path.string() + " into the guest";
}

std::string TargetOf(const fs::path& link) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlink(link.c_str(), target.data(), target.size());
  if (size < 0) ThrowErrno(Doing(link));
  return {target.data(), static_cast<std::size_t>(size)};
}

// Puts the names of `path` before `rest`.
void Prepend(const fs::path& path, std::list<fs::path>& rest) {
  std::list<fs::path> names(path.begin(), path.end());
  rest.splice(rest.begin(), names);
}

InitialFile Describe(const fs::path& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) < 0) ThrowErrno(Doing(path));
  InitialFile file{
      .mode = found.st_mode,
      .modified = found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec,
      .size = 0,
      .source = {},
      .text = {}};
  if (S_ISLNK(file.mode)) {
    file.text = TargetOf(path);
  } else if (S_ISREG(file.mode)) {
    if (access(path.c_str(), R_OK) < 0) ThrowErrno(Doing(path));
    auto elf = ReadElf(path);
    file.size =
        elf ? elf->needed_bytes : static_cast<std::uint64_t>(found.st_size);
    file.source = path;
  } else if (!S_ISDIR(file.mode)) {
    throw Error(Doing(path), "it is neither a file nor a folder", EINVAL);
  }
  return file;
}

}  // namespace

void InitialFiles::Place(const std::string& path, InitialFile file) {
  auto [at, is_new] = entries_.try_emplace(path);
  if (!is_new) return;
  bytes_ += file.size;
  at->second = std::move(file);
}

void InitialFiles::Add(const fs::path& path) {
  std::list<fs::path> rest;
  Prepend(fs::absolute(path), rest);
  fs::path at = "/";
  for (int links = 0; !rest.empty();) {
    const fs::path name = std::exchange(rest.front(), {});
    rest.pop_front();
    if (name == "/") at = name;
    if (name == "..") at = at.parent_path();
    if (name == "/" || name == ".." || name == "." || name.empty()) continue;
    const fs::path next = at / name;
    auto known = entries_.find(next);
    if (known == entries_.end()) {
      Place(next, Describe(next));
      known = entries_.find(next);
    }
    if (!S_ISLNK(known->second.mode)) {
      at = next;
    } else if (++links <= kMostLinks) {
      Prepend(known->second.text, rest);
    } else {
      ThrowErrno(Doing(path), ELOOP);
    }
  }
}

void InitialFiles::AddIfThere(const fs::path& path) {
  try {
    Add(path);
  } catch (const Error&) {
  }
}

void InitialFiles::AddFolder(
    const fs::path& folder,
    const std::function<bool(const fs::path&)>& wanted) {
  Add(folder);
  entries_.at(fs::canonical(folder)).whole = true;
  std::error_code ignored;
  fs::recursive_directory_iterator files(
      folder, fs::directory_options::skip_permission_denied, ignored);
  for (; files != fs::recursive_directory_iterator();
       files.increment(ignored)) {
    if (!wanted(files->path())) {
      files.disable_recursion_pending();
      continue;
    }
    AddIfThere(files->path());
    auto found = entries_.find(files->path());
    if (found != entries_.end()) found->second.whole = true;
  }
}

void InitialFiles::AddEmptyFolder(const fs::path& path) {
  AddIfThere(path);
  fs::path at;
  for (const fs::path& name : path) {
    at /= name;
    Place(at, {.mode = S_IFDIR | 0755, .source = {}, .text = {}});
  }
}

void InitialFiles::AddText(const fs::path& path, std::string text) {
  AddEmptyFolder(path.parent_path());
  const std::uint64_t size = text.size();
  Place(path, {.mode = S_IFREG | 0644,
               .size = size,
               .source = {},
               .text = std::move(text)});
}

void InitialFiles::AddLink(const fs::path& path, std::string target) {
  AddEmptyFolder(path.parent_path());
  Place(path,
        {.mode = S_IFLNK | 0777, .source = {}, .text = std::move(target)});
}

}  // namespace finwait::kernel
