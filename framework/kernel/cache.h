// The kernels that were added or built, in the user's cache folder.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace finwait::kernel {

// $XDG_CACHE_HOME/finwait, or ~/.cache/finwait; made if it is not there. Each
// kernel is a folder kernels/NAME with its files and kernel.json. A folder
// appears in one rename(2) when it is complete, so that a process that dies
// half-way leaves nothing that looks like a kernel, and a reader needs no
// lock. Any thread, any number of processes.
class Cache {
 public:
  // Throws Error naming the folder if it cannot be made or written to, and
  // what to set (XDG_CACHE_HOME).
  Cache();
  explicit Cache(std::filesystem::path folder);

  const std::filesystem::path& folder() const { return folder_; }

  std::vector<Kernel> List() const;  // by name

  // Throws Error if there is none, naming those there are and the command that
  // would add it.
  Kernel Find(const std::string& name) const;
  bool Has(const std::string& name) const;

  // Calls fill(folder) on a fresh folder beside the kernels; it puts the
  // kernel's files there and returns the kernel with paths in that folder.
  // Replaces a kernel of that name. Returns it as Find does.
  Kernel Store(const std::function<Kernel(const std::filesystem::path&)>& fill);

  void Remove(const std::string& name);  // throws like Find

  // A folder for things that are made again when missing: build trees,
  // packages, initial file systems. Made if needed.
  std::filesystem::path Workshop(const std::string& name) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace finwait::kernel
