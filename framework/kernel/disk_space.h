// Room on the disk, asked for before it is needed and named when it is gone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace finwait::kernel {

// "1.5 GB", "12.3 MB": decimal, as df -H.
std::string SizeText(std::uintmax_t bytes);

// All regular files in `folder`.
std::uintmax_t SizeOf(const std::filesystem::path& folder);

// Throws Error with both numbers if `folder` has less than `bytes` free.
void RequireSpace(const std::filesystem::path& folder, std::uintmax_t bytes,
                  const std::string& doing);

// Runs f. What escapes it becomes an Error that starts with `doing` and, where
// the disk is full, ends with what is free in `folder`.
void WithSpaceNamed(const std::filesystem::path& folder,
                    const std::string& doing, const std::function<void()>& f);

}  // namespace finwait::kernel
