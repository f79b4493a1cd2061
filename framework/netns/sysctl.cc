// Sysctls through /proc/sys: its net directory shows the namespace of the
// thread that looks (Linux: net/sysctl_net.c net_ctl_header_lookup()).
#include "netns/sysctl.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <sstream>

#include "base/error.h"

namespace finwait::netns {
namespace {

std::string PathOf(std::string_view name) {
  std::string path(name);
  if (path.find('/') == std::string::npos) {
    std::replace(path.begin(), path.end(), '.', '/');
  }
  // A name is looked up, never a way out of /proc/sys.
  if (path.find("..") != std::string::npos) return "/proc/sys/net/..invalid";
  return "/proc/sys/" + path;
}

bool IsNetwork(const std::string& path) {
  return path.starts_with("/proc/sys/net/");
}

// The functions named ...Here look with the calling thread's eyes.

bool ExistsHere(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

// By the mode and not access(2): root may open everything.
bool WritableHere(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && (status.st_mode & S_IWUSR) != 0;
}

std::optional<std::string> ReadHere(const std::string& path) {
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == EMFILE || errno == ENFILE) ThrowErrno("reading " + path);
    return std::nullopt;
  }
  std::string text(4096, '\0');  // the kernel gives a page at most
  ssize_t size = read(file.get(), text.data(), text.size());
  if (size < 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// "4096\t131072" and "4096 131072" are the same value.
std::string Normalised(std::string_view value) {
  std::istringstream words{std::string(value)};
  std::string result;
  for (std::string word; words >> word;) {
    if (!result.empty()) result += ' ';
    result += word;
  }
  return result;
}

void WriteHere(std::string_view name, std::string_view value) {
  std::string path = PathOf(name);
  std::string doing = "setting sysctl " + std::string(name) + " to \"" +
                      std::string(value) + "\"";
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == EROFS) {
      throw Unsupported(doing + ": read-only",
                        "a writable /proc/sys (in a "
                        "container: docker run --privileged), or running "
                        "outside of the container");
    }
    ThrowErrno(doing);
  }
  if (write(file.get(), value.data(), value.size()) < 0) ThrowErrno(doing);
  std::string now = ReadHere(path).value_or("");
  if (Normalised(now) != Normalised(value)) {
    throw Error(doing, "it reads \"" + now + "\" afterwards");
  }
}

bool MayWriteHere(const std::string& path) {
  return IsNetwork(path) && WritableHere(path);
}

// Why `name`, which may not be written in the namespace, may not be.
[[noreturn]] void ThrowNotWritable(const Namespace& ns,
                                   const std::string& name) {
  if (ScopeOf(ns, name) == SysctlScope::kAbsent) {
    throw Unsupported("sysctl " + name, "a kernel that has it");
  }
  throw Error("setting sysctl " + name,
              "it is global: it belongs to the host, not to a namespace");
}

}  // namespace

SysctlScope ScopeOf(const Namespace& ns, std::string_view name) {
  std::string path = PathOf(name);
  if (ns.In([&] { return MayWriteHere(path); })) return SysctlScope::kNamespace;
  bool exists = ExistsHere(path) || ns.In([&] { return ExistsHere(path); });
  return exists ? SysctlScope::kGlobal : SysctlScope::kAbsent;
}

std::optional<std::string> ReadSysctl(const Namespace& ns,
                                      std::string_view name) {
  return ns.In([&] { return ReadHere(PathOf(name)); });
}

std::map<std::string, std::int64_t, std::less<>> ReadIntegers(
    const Namespace& ns, const std::vector<std::string>& names) {
  std::map<std::string, std::int64_t, std::less<>> values;
  ns.Enter([&] {
    for (const std::string& name : names) {
      std::string text = ReadHere(PathOf(name)).value_or("");
      const char* end = text.data() + text.size();
      std::int64_t value = 0;
      auto [stop, error] = std::from_chars(text.data(), end, value);
      if (error == std::errc() && stop == end) values[name] = value;
    }
  });
  return values;
}

void WriteSysctl(const Namespace& ns, std::string_view name,
                 std::string_view value) {
  WriteSysctls(ns, {{std::string(name), std::string(value)}});
}

void WriteSysctls(const Namespace& ns,
                  const std::vector<SysctlSetting>& settings) {
  const SysctlSetting* refused = nullptr;
  ns.Enter([&] {
    for (const SysctlSetting& setting : settings) {
      if (!MayWriteHere(PathOf(setting.name))) {
        refused = &setting;
        return;
      }
      WriteHere(setting.name, setting.value);
    }
  });
  if (refused != nullptr) ThrowNotWritable(ns, refused->name);
}

}  // namespace finwait::netns
