// A folder with the source of a kernel.
#pragma once

#include <filesystem>
#include <string>

namespace finwait::kernel {

// What a kernel tree holds now. A value.
struct Tree {
  std::filesystem::path folder;  // absolute
  std::string version;           // "7.3.4", as its Makefile has it
  std::string revision;  // "v6.1-12-gabc", "-dirty" if changed; empty: no git
  std::string content;   // equal if every file is, whatever the tree is called
};

// `scratch` is a folder for what git needs on the way: nothing is written to
// the tree or its repository. Throws Error if it is no kernel tree.
Tree ReadTree(const std::filesystem::path& folder,
              const std::filesystem::path& scratch);

// The version alone. Throws Error if it is no kernel tree.
std::string VersionOfTree(const std::filesystem::path& folder);

// Is `version` at least major.minor? "6.12.3" is at least 6.9.
bool IsAtLeast(const std::string& version, int major, int minor);

}  // namespace finwait::kernel
