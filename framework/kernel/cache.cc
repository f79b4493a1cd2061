// Folders, one rename(2) and kernel.json; see the header.
#include "kernel/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "kernel/disk_space.h"
#include "kernel/file_lock.h"

namespace finwait::kernel {
namespace fs = std::filesystem;
namespace {

constexpr char kDescription[] = "kernel.json";

// As the XDG Base Directory Specification has it: a relative one is ignored.
fs::path DefaultFolder() {
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  if (xdg != nullptr && fs::path(xdg).is_absolute()) {
    return fs::path(xdg) / "finwait";
  }
  const char* home = std::getenv("HOME");
  if (home != nullptr && fs::path(home).is_absolute()) {
    return fs::path(home) / ".cache/finwait";
  }
  throw Error("finding the cache for kernels",
              "neither XDG_CACHE_HOME nor HOME is set; set XDG_CACHE_HOME to "
              "a folder that may be written to");
}

void MakeFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK | X_OK) != 0) {
    error = {errno, std::generic_category()};
  }
  if (!error) return;
  throw Error("making the cache for kernels " + folder.string(),
              error.message() +
                  "; set XDG_CACHE_HOME to a folder that may be written to",
              error.value());
}

// A name becomes a folder, and part of what people type.
void CheckName(const std::string& name) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '+' || c == '-';
  };
  if (!name.empty() && std::isalnum(static_cast<unsigned char>(name[0])) &&
      std::all_of(name.begin(), name.end(), allowed)) {
    return;
  }
  throw Error("kernel name \"" + name + "\"",
              "letters, digits and . _ + - are allowed, a letter or digit "
              "first");
}

void WriteDescription(const fs::path& folder, const Kernel& kernel) {
  const auto relative = [&](const fs::path& path) {
    return path.empty() ? "" : path.lexically_relative(folder).string();
  };
  const nlohmann::json json = {{"name", kernel.name},
                               {"flavour", Name(kernel.flavour)},
                               {"release", kernel.release},
                               {"image", relative(kernel.image)},
                               {"modules", relative(kernel.modules)},
                               {"origin", kernel.origin},
                               {"content", kernel.content}};
  std::ofstream file(folder / kDescription);
  file << json.dump(2) << "\n" << std::flush;
  if (!file) ThrowErrno("writing " + (folder / kDescription).string());
}

Kernel ReadDescription(const fs::path& folder) {
  const auto path = folder / kDescription;
  try {
    std::ifstream file(path);
    const auto json = nlohmann::json::parse(file);
    const auto absolute = [&](const std::string& key) {
      const std::string relative = json.at(key);
      return relative.empty() ? fs::path() : folder / relative;
    };
    Kernel kernel{.name = folder.filename(),
                  .release = json.at("release"),
                  .image = absolute("image"),
                  .modules = absolute("modules"),
                  .origin = json.at("origin"),
                  .content = json.at("content")};
    const bool machine = json.at("flavour") == Name(Flavour::kMachine);
    kernel.flavour = machine ? Flavour::kMachine : Flavour::kUserMode;
    return kernel;
  } catch (const nlohmann::json::exception& error) {
    throw Error("reading " + path.string(),
                std::string(error.what()) + "; finwait kernel remove " +
                    folder.filename().string() + " removes it");
  }
}

bool IsKernel(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / kDescription, error);
}

// A folder in which a kernel comes to be, held by a lock beside it. What a dead
// process left has nobody's lock. Locks stay: removing one that another process
// is about to take would let two have it.
class Incoming {
 public:
  explicit Incoming(const fs::path& parent) {
    fs::create_directories(parent);
    RemoveLeftBehind(parent);
    for (int number = 0; !lock_; ++number) {
      folder_ = parent / std::to_string(number);
      lock_ = FileLock::Try(LockOf(folder_));
    }
    fs::create_directory(folder_);
  }
  ~Incoming() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  const fs::path& folder() const { return folder_; }

 private:
  static fs::path LockOf(const fs::path& folder) {
    return folder.string() + ".lock";
  }

  static void RemoveLeftBehind(const fs::path& parent) {
    for (const auto& entry : fs::directory_iterator(parent)) {
      if (!entry.is_directory()) continue;
      if (FileLock::Try(LockOf(entry.path()))) fs::remove_all(entry.path());
    }
  }

  std::optional<FileLock> lock_;
  fs::path folder_;
};

// Puts `fresh` in the place of `target`; `fresh` then is what was there.
void Exchange(const fs::path& fresh, const fs::path& target) {
  if (!fs::exists(target)) return fs::rename(fresh, target);
  if (renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target.c_str(),
                RENAME_EXCHANGE) == 0) {
    return;
  }
  const auto old = fs::path(fresh) += ".old";  // a file system without it
  fs::rename(target, old);
  fs::rename(fresh, target);
  fs::rename(old, fresh);
}

}  // namespace

Cache::Cache() : Cache(DefaultFolder()) {}

Cache::Cache(fs::path folder) : folder_(std::move(folder)) {
  MakeFolder(folder_);
  MakeFolder(folder_ / "kernels");
}

std::vector<Kernel> Cache::List() const {
  std::vector<Kernel> kernels;
  for (const auto& entry : fs::directory_iterator(folder_ / "kernels")) {
    try {
      if (IsKernel(entry)) kernels.push_back(ReadDescription(entry));
    } catch (const Error&) {
      if (IsKernel(entry)) throw;  // else it was removed in between
    }
  }
  std::sort(kernels.begin(), kernels.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return kernels;
}

bool Cache::Has(const std::string& name) const {
  CheckName(name);
  return IsKernel(folder_ / "kernels" / name);
}

Kernel Cache::Find(const std::string& name) const {
  if (Has(name)) return ReadDescription(folder_ / "kernels" / name);
  std::string there;
  for (const Kernel& kernel : List()) {
    there += (there.empty() ? "there are: " : ", ") + kernel.name;
  }
  throw Error("kernel " + name,
              "not in " + folder_.string() + "; " +
                  (there.empty() ? "there is none yet" : there) +
                  "; finwait kernel add debian:SUITE or finwait kernel build "
                  "TREE adds one");
}

Kernel Cache::Store(const std::function<Kernel(const fs::path&)>& fill) {
  std::string name;
  WithSpaceNamed(folder_, "storing a kernel in " + folder_.string(), [&] {
    const Incoming incoming(folder_ / "incoming");
    const Kernel kernel = fill(incoming.folder());
    name = kernel.name;
    CheckName(name);
    WriteDescription(incoming.folder(), kernel);
    Exchange(incoming.folder(), folder_ / "kernels" / name);
  });
  return Find(name);
}

// It stops being a kernel at once, and then goes.
void Cache::Remove(const std::string& name) {
  if (!Has(name)) Find(name);
  const Incoming incoming(folder_ / "incoming");
  fs::rename(folder_ / "kernels" / name, incoming.folder() / name);
}

fs::path Cache::Workshop(const std::string& name) const {
  auto folder = folder_ / "workshop" / name;
  MakeFolder(folder);
  return folder;
}

}  // namespace finwait::kernel
