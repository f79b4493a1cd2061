#include "kernel/installed_packages.h"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <string_view>

#include "kernel/host_answer.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;

struct Installed {
  bool is_optional = false;
  std::string depends;  // "libc6 (>= 2.34), debconf (>= 0.5) | debconf-2.0"
};

// "name\tpriority\tdepends" for each package.
std::map<std::string, Installed> AllInstalled() {
  std::map<std::string, Installed> all;
  std::istringstream lines(
      HostAnswer({"dpkg-query", "--show", "--showformat",
                  "${Package}\t${Priority}\t${Pre-Depends}, ${Depends}\n"})
          .value_or(""));
  std::string name;
  std::string priority;
  Installed package;
  while (std::getline(lines, name, '\t') &&
         std::getline(lines, priority, '\t') &&
         std::getline(lines, package.depends)) {
    package.is_optional = priority == "optional";
    all[name] = package;
  }
  return all;
}

// Every name in a list of dependencies, alternatives too.
std::vector<std::string> NamesIn(const std::string& depends) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < depends.size();) {
    const std::size_t end =
        std::min(depends.find_first_of(",|", begin), depends.size());
    std::string name;
    std::istringstream(depends.substr(begin, end - begin)) >> name;
    name.resize(std::min(name.find(':'), name.size()));  // "python3:any"
    if (!name.empty()) names.push_back(name);
    begin = end + 1;
  }
  return names;
}

bool IsOmitted(const fs::path& path) {
  constexpr std::array<std::string_view, 7> kFolders = {
      "doc", "doc-base", "man", "info", "lintian", "locale", "bash-completion"};
  auto name = path.begin();
  for (std::string_view above : {"/", "usr", "share"}) {
    if (name == path.end() || *name != above) return false;
    ++name;
  }
  return name != path.end() &&
         std::ranges::find(kFolders, name->native()) != kFolders.end();
}

}  // namespace

std::optional<std::string> PackageOf(const fs::path& file) {
  // Packages may say /bin/x of what is /usr/bin/x since /bin is a link.
  std::vector<std::string> names = {file.string()};
  if (names[0].starts_with("/usr/")) names.push_back(names[0].substr(4));
  for (const std::string& name : names) {
    auto answer = HostAnswer({"dpkg-query", "--search", name});
    if (!answer || answer->starts_with("diversion ")) continue;
    return answer->substr(0, answer->find_first_of(":,"));
  }
  return std::nullopt;
}

std::vector<std::string> WithDependencies(const std::string& package) {
  const auto all = AllInstalled();
  std::vector<std::string> found = {package};
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto known = all.find(found[i]);
    if (known == all.end()) continue;
    for (std::string& name : NamesIn(known->second.depends)) {
      auto other = all.find(name);
      if (other != all.end() && other->second.is_optional && name != "libc6" &&
          std::ranges::find(found, name) == found.end()) {
        found.push_back(std::move(name));
      }
    }
  }
  return found;
}

std::vector<fs::path> FilesOf(const std::string& package) {
  std::vector<fs::path> files;
  std::istringstream lines(
      HostAnswer({"dpkg-query", "--listfiles", package}).value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("/") && !IsOmitted(line)) files.emplace_back(line);
  }
  return files;
}

}  // namespace finwait::kernel
