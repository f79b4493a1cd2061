// Parsing of mountinfo and /proc/self/cgroup; see the header.
#include "process/cgroup_place.h"

#include <algorithm>
#include <cstddef>

namespace finwait::process {
namespace {

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool IsOctal(std::string_view digits) {
  return digits.size() == 3 && std::ranges::all_of(digits, [](char digit) {
           return digit >= '0' && digit <= '7';
         });
}

// Blanks, tabs, newlines and backslashes are written as \ooo (Linux:
// fs/seq_file.c mangle_path).
std::string Unescape(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view digits = text.substr(at).substr(1).substr(0, 3);
    if (text[at] == '\\' && IsOctal(digits)) {
      plain += static_cast<char>((digits[0] - '0') * 64 +
                                 (digits[1] - '0') * 8 + (digits[2] - '0'));
      at += digits.size();
    } else {
      plain += text[at];
    }
  }
  return plain;
}

bool HasOption(std::string_view options, std::string_view wanted) {
  return std::ranges::count(Split(options, ','), wanted) > 0;
}

// "31 23 0:28 ROOT DIRECTORY OPTIONS [TAG...] - TYPE SOURCE OPTIONS"; the
// source may be empty.
std::optional<CgroupMount> ParseMount(std::string_view line) {
  const auto fields = Split(line, ' ');
  const auto dash = std::ranges::find(fields, "-");
  if (dash - fields.begin() < 6 || fields.end() - dash < 3) return std::nullopt;
  if (dash[1] != "cgroup2") return std::nullopt;
  return CgroupMount{.directory = Unescape(fields[4]),
                     .root = Unescape(fields[3]),
                     .read_only = HasOption(fields[5], "ro") ||
                                  HasOption(fields.back(), "ro")};
}

}  // namespace

std::vector<CgroupMount> CgroupMounts(std::string_view mountinfo) {
  std::vector<CgroupMount> mounts;
  for (const std::string_view line : Split(mountinfo, '\n')) {
    if (auto mount = ParseMount(line)) mounts.push_back(*std::move(mount));
  }
  return mounts;
}

std::string OwnCgroup(std::string_view proc_self_cgroup) {
  constexpr std::string_view kVersion2 = "0::";
  for (const std::string_view line : Split(proc_self_cgroup, '\n')) {
    if (line.starts_with(kVersion2)) {
      return std::string(line.substr(kVersion2.size()));
    }
  }
  return "/";
}

std::optional<std::string> DirectoryOf(const std::string& cgroup,
                                       const CgroupMount& mount) {
  const auto root = Split(mount.root, '/');
  const auto path = Split(cgroup, '/');
  const auto [differs, below] = std::ranges::mismatch(root, path);
  if (differs != root.end()) return std::nullopt;
  if (below != path.end() && *below == "..") return std::nullopt;
  std::string directory = mount.directory;
  for (auto name = below; name != path.end(); ++name) {
    if (!directory.ends_with('/')) directory += '/';
    directory += *name;
  }
  return directory;
}

}  // namespace finwait::process
