#include "kernel/disk_space.h"

#include <array>
#include <cerrno>
#include <iomanip>
#include <sstream>
#include <system_error>

#include "base/error.h"

namespace finwait::kernel {
namespace fs = std::filesystem;
namespace {

std::uintmax_t FreeIn(const fs::path& folder) {
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  return error ? 0 : space.available;
}

std::string FreeText(const fs::path& folder) {
  return SizeText(FreeIn(folder)) + " are free in " + folder.string();
}

// Tools say it in words only.
bool SaysDiskFull(const Error& error) {
  const std::string_view text = error.what();
  return error.code() == ENOSPC || error.code() == EDQUOT ||
         text.find("No space left on device") != text.npos ||
         text.find("quota exceeded") != text.npos;
}

}  // namespace

std::string SizeText(std::uintmax_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"bytes", "kB", "MB", "GB",
                                                 "TB"};
  std::size_t unit = 0;
  double size = static_cast<double>(bytes);
  for (; size >= 999.95 && unit + 1 < kUnits.size(); ++unit) size /= 1000;
  std::ostringstream text;
  text << std::fixed << std::setprecision(unit == 0 ? 0 : 1) << size << " "
       << kUnits[unit];
  return text.str();
}

std::uintmax_t SizeOf(const fs::path& folder) {
  std::uintmax_t size = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end;
       !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    if (entry->is_regular_file(gone) && !entry->is_symlink(gone)) {
      const auto bytes = entry->file_size(gone);
      if (!gone) size += bytes;
    }
  }
  return size;
}

void RequireSpace(const fs::path& folder, std::uintmax_t bytes,
                  const std::string& doing) {
  if (FreeIn(folder) >= bytes) return;
  throw Error(doing, "needs " + SizeText(bytes) + ", but " + FreeText(folder),
              ENOSPC);
}

void WithSpaceNamed(const fs::path& folder, const std::string& doing,
                    const std::function<void()>& f) {
  try {
    f();
  } catch (const Unsupported&) {
    throw;
  } catch (const Error& error) {
    if (!SaysDiskFull(error)) throw;
    throw Error(doing, std::string(error.what()) + "; " + FreeText(folder),
                error.code());
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    const bool full = code == ENOSPC || code == EDQUOT;
    throw Error(doing, error.what() + (full ? "; " + FreeText(folder) : ""),
                code);
  }
}

}  // namespace finwait::kernel
