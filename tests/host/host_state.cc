#include "host_state.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <sstream>

#include "base/file_descriptor.h"
#include "netns/mount_namespace.h"
#include "process/cgroup_place.h"

namespace finwait::host {
namespace {

namespace fs = std::filesystem;

bool own_run = false;
bool own_tmp = false;

// What a command prints, without the lifetimes of addresses and routes, which
// pass. A command that is not there prints nothing, before and after.
std::string Printed(const std::string& command) {
  const auto close = [](FILE* pipe) { pclose(pipe); };
  const std::string quiet =
      "PATH=$PATH:/usr/sbin:/sbin " + command + " 2>/dev/null";
  const std::unique_ptr<FILE, decltype(close)> pipe(popen(quiet.c_str(), "re"),
                                                    close);
  std::string text;
  std::array<char, 4096> piece;
  while (std::fgets(piece.data(), piece.size(), pipe.get()) != nullptr) {
    text += piece.data();
  }
  static const std::regex passing(R"(\b(valid_lft|preferred_lft|expires) \S+)");
  return std::regex_replace(text, passing, "$1");
}

// Not fs::directory_iterator's order, which is not one. Files may go while we
// look.
std::set<std::string> FilesUnder(const fs::path& folder) {
  std::set<std::string> files;
  std::error_code error;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(folder, options, error), end;
       !error && at != end; at.increment(error)) {
    files.insert(at->path());
  }
  return files;
}

void AddSysctls(HostState& state) {
  for (const std::string& path : FilesUnder("/proc/sys/net")) {
    if (path.ends_with("/nf_conntrack_count")) continue;
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 4096> value;
    const ssize_t length = read(file.get(), value.data(), value.size());
    if (length < 0) continue;  // write-only, or a folder
    state[path] = std::string(value.data(), static_cast<std::size_t>(length));
  }
}

}  // namespace

void HideFilesOfOthers() {
  own_run = netns::MakeRunPrivate();
  if (!own_run || std::string(FINWAIT_COMMAND).starts_with("/tmp/")) return;
  own_tmp =
      mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") == 0;
}

HostState ReadHost() {
  HostState state;
  for (const char* command :
       {"ip -details link", "ip address", "ip -4 route show table all",
        "ip -6 route show table all", "ip -4 rule", "ip -6 rule",
        "ip netns list", "ip netns list-id", "tc qdisc", "tc filter",
        "nft --stateless list ruleset", "cat /proc/self/mounts"}) {
    state[command] = Printed(command);
  }
  AddSysctls(state);
  if (own_run) {
    for (const std::string& path : FilesUnder("/run")) state[path] = "file";
  }
  if (own_tmp) {
    for (const std::string& path : FilesUnder("/tmp")) state[path] = "file";
  }
  return state;
}

std::set<std::string> ControlGroupsOf(pid_t maker) {
  const std::string wanted = "/finwait-" + std::to_string(maker) + "-";
  std::ifstream file("/proc/self/mountinfo");
  const std::string mountinfo{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> found;
  for (const auto& mount : process::CgroupMounts(mountinfo)) {
    for (const std::string& path : FilesUnder(mount.directory)) {
      const std::size_t name = path.rfind('/');
      if (path.compare(name, wanted.size(), wanted) == 0) found.insert(path);
    }
  }
  return found;
}

std::string Difference(const HostState& before, const HostState& after) {
  std::ostringstream text;
  for (const auto& [name, value] : before) {
    const auto now = after.find(name);
    if (now == after.end()) {
      text << name << " is gone\n";
    } else if (now->second != value) {
      text << name << " was\n" << value << "and is\n" << now->second;
    }
  }
  for (const auto& [name, value] : after) {
    if (!before.contains(name)) text << name << " is new: " << value << "\n";
  }
  return text.str();
}

}  // namespace finwait::host
