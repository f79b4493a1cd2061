// A walk through /proc.
#include "process/owners.h"

#include <sys/stat.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace finwait::process {
namespace {

namespace fs = std::filesystem;

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

// "socket:[1234]" (Linux: net/socket.c sockfs_dname) -> 1234.
std::optional<std::uint32_t> SocketInode(std::string_view link) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!link.starts_with(kPrefix) || !link.ends_with(']')) return std::nullopt;
  link.remove_prefix(kPrefix.size());
  link.remove_suffix(1);
  return ParseNumber<std::uint32_t>(link);
}

bool IsIn(const fs::path& process, const netns::Namespace& ns) {
  struct stat status {};
  return stat((process / "ns/net").c_str(), &status) == 0 &&
         status.st_ino == ns.inode();
}

std::string CommandOf(const fs::path& process) {
  std::string name;
  std::ifstream comm(process / "comm");
  std::getline(comm, name);
  return name;
}

// Calls f with each entry until the directory ends or goes away.
template <typename F>
void ForEachEntry(const fs::path& directory, F&& f) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end;
       !error && entry != end; entry.increment(error)) {
    f(entry->path());
  }
}

void AddSockets(const fs::path& process, int pid,
                std::multimap<std::uint32_t, tcp::Owner>& owners) {
  const std::string command = CommandOf(process);
  ForEachEntry(process / "fd", [&](const fs::path& descriptor) {
    std::error_code error;
    const fs::path link = fs::read_symlink(descriptor, error);
    const auto inode = SocketInode(link.native());
    const auto number = ParseNumber<int>(descriptor.filename().native());
    if (error || !inode || !number) return;
    owners.emplace(*inode, tcp::Owner{pid, command, *number});
  });
}

}  // namespace

std::multimap<std::uint32_t, tcp::Owner> SocketOwners(
    const netns::Namespace& ns) {
  std::multimap<std::uint32_t, tcp::Owner> owners;
  ForEachEntry("/proc", [&](const fs::path& process) {
    const auto pid = ParseNumber<int>(process.filename().native());
    if (pid && IsIn(process, ns)) AddSockets(process, *pid, owners);
  });
  return owners;
}

}  // namespace finwait::process
