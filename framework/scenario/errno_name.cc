// Asks the C library, so that there is no table of our own to keep.
#include "scenario/errno_name.h"

#include <cerrno>
#include <cstring>

namespace finwait::scenario {
namespace {

// MAX_ERRNO (Linux: include/linux/err.h) is 4095; names end far below.
constexpr int kHighestNamed = 256;

}  // namespace

std::optional<int> ErrnoByName(std::string_view name) {
  if (name == "EWOULDBLOCK") return EWOULDBLOCK;  // a second name of EAGAIN
  for (int number = 1; number <= kHighestNamed; ++number) {
    const char* candidate = strerrorname_np(number);
    if (candidate != nullptr && name == candidate) return number;
  }
  return std::nullopt;
}

std::string ErrnoName(int number) {
  const char* name = strerrorname_np(number);
  return name != nullptr ? name : std::to_string(number);
}

std::vector<std::string> ErrnoNames() {
  std::vector<std::string> names;
  for (int number = 1; number <= kHighestNamed; ++number) {
    if (const char* name = strerrorname_np(number)) names.emplace_back(name);
  }
  return names;
}

}  // namespace finwait::scenario
