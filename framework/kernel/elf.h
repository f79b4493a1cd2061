// What a program's file says about how it is loaded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace finwait::kernel {

struct Elf {
  std::string interpreter;  // "/lib64/ld-linux-x86-64.so.2"; empty for a
                            // library or a static program
  // How much of the file is enough to run it: what follows are sections that
  // only debuggers and linkers read. The whole file where that is not certain.
  std::uint64_t needed_bytes = 0;
  std::vector<std::string> libraries;  // that it asks for: "libc.so.6"
  bool searches_elsewhere = false;     // has folders of its own for them
};

// Nothing if it is not a 64-bit ELF file for this machine or cannot be read.
std::optional<Elf> ReadElf(const std::filesystem::path& file);

// Makes the first bytes of an ELF file, cut after needed_bytes, say that it
// has no sections. `header` is 64 bytes or more.
void ForgetSections(char* header);

// The libraries the loader would map for a program or a library, and the
// loader itself, which is asked. Throws Error naming a library that is not
// there.
std::vector<std::filesystem::path> SharedLibraries(
    const std::filesystem::path& file, const Elf& elf);

}  // namespace finwait::kernel
