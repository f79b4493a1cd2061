// Versions and contents of kernel trees; see the header.
#include "kernel/tree.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "kernel/fingerprint.h"
#include "process/job.h"

namespace finwait::kernel {
namespace fs = std::filesystem;
namespace {

using Environment = std::map<std::string, std::string>;

std::string Git(const fs::path& folder, std::vector<std::string> arguments,
                const Environment& environment = {}) {
  arguments.insert(arguments.begin(), "git");
  return process::OutputOf({.command = std::move(arguments),
                            .folder = folder,
                            .environment = environment});
}

// The hash of the tree that a commit of everything would have: with an index
// and a place for objects of our own. Throws Error if the tree is no part of a
// repository, be it that it lies in the folder of one.
std::string GitContent(const fs::path& folder, const fs::path& scratch) {
  const auto path = [&](const char* name) -> fs::path {
    return Git(folder,
               {"rev-parse", "--path-format=absolute", "--git-path", name});
  };
  fs::remove_all(scratch);
  fs::create_directories(scratch / "objects");
  if (fs::exists(path("index"))) {
    fs::copy_file(path("index"), scratch / "index");
  }
  const Environment environment = {
      {"GIT_INDEX_FILE", scratch / "index"},
      {"GIT_OBJECT_DIRECTORY", scratch / "objects"},
      {"GIT_ALTERNATE_OBJECT_DIRECTORIES", path("objects")}};
  const std::string prefix = Git(folder, {"rev-parse", "--show-prefix"});
  Git(folder, {"add", "--all", "."}, environment);
  Git(folder, {"ls-files", "--error-unmatch", "Makefile"}, environment);
  std::string hash =
      Git(folder, {"write-tree", "--prefix=" + prefix}, environment);
  fs::remove_all(scratch);
  return hash;
}

std::vector<fs::path> FilesOf(const fs::path& folder) {
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator entry(folder), end; entry != end;
       ++entry) {
    if (entry->path().filename() == ".git") entry.disable_recursion_pending();
    if (entry->is_regular_file()) files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string ContentOfFiles(const fs::path& folder) {
  Fingerprint fingerprint;
  std::string content;
  for (const fs::path& file : FilesOf(folder)) {
    content.resize(fs::file_size(file));
    std::ifstream(file).read(content.data(),
                             static_cast<std::streamsize>(content.size()));
    fingerprint.Add(file.lexically_relative(folder).string() + "\n" +
                    std::to_string(content.size()) + "\n");
    fingerprint.Add(content);
  }
  return fingerprint.Hex();
}

// The value of `NAME = value` among the first lines of the tree's Makefile.
std::map<std::string, std::string> ReadMakefile(const fs::path& folder) {
  std::map<std::string, std::string> values;
  std::ifstream file(folder / "Makefile");
  std::string name;
  std::string equals;
  std::string value;
  for (std::string line; values.size() < 4 && std::getline(file, line);) {
    const auto at = line.find(" =");
    if (at == line.npos || line[0] == '#') continue;
    const auto begin = line.find_first_not_of(' ', at + 2);
    values[line.substr(0, at)] = begin == line.npos ? "" : line.substr(begin);
  }
  return values;
}

}  // namespace

std::string VersionOfTree(const fs::path& folder) {
  auto values = ReadMakefile(folder);
  if (!values.contains("PATCHLEVEL") || !fs::exists(folder / "arch/um")) {
    throw Error("kernel tree " + folder.string(),
                "it has no Makefile of Linux and no arch/um");
  }
  return values["VERSION"] + "." + values["PATCHLEVEL"] + "." +
         values["SUBLEVEL"] + values["EXTRAVERSION"];
}

Tree ReadTree(const fs::path& folder, const fs::path& scratch) {
  Tree tree{.folder = fs::absolute(folder).lexically_normal(),
            .version = VersionOfTree(folder)};
  if (!tree.folder.has_filename()) tree.folder = tree.folder.parent_path();
  try {
    tree.content = GitContent(tree.folder, scratch);
    tree.revision = Git(tree.folder, {"describe", "--always", "--dirty"});
  } catch (const Error&) {  // no repository, no commit in it, or no git
    tree.content = ContentOfFiles(tree.folder);
  }
  return tree;
}

bool IsAtLeast(const std::string& version, int major, int minor) {
  std::size_t end = 0;
  const int its_major = std::stoi(version, &end);
  const int its_minor = std::stoi(version.substr(end + 1));
  return std::pair(its_major, its_minor) >= std::pair(major, minor);
}

}  // namespace finwait::kernel
