// A kernel that scenarios can be run on, other than the one that is running.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace finwait::kernel {

enum class Flavour : std::uint8_t {
  kUserMode,  // user-mode Linux with time travel: a program of the host
  kMachine,   // a kernel for PCs, started by QEMU
};

// "user-mode" or "machine".
std::string_view Name(Flavour flavour);

// One kernel of the cache (cache.h), or a description to put there. A value.
struct Kernel {
  std::string name;  // what --kernel says: "debian-6.1", "uml-7.3"
  Flavour flavour = Flavour::kUserMode;
  std::string release;            // uname -r: "6.1.0-50-cloud-amd64"
  std::filesystem::path image;    // `linux` of user-mode Linux, or vmlinuz
  std::filesystem::path modules;  // lib/modules/RELEASE; empty if all built in
  std::string origin;   // "debian:bookworm linux-image-6.1.0-50-cloud-amd64
                        // 6.1.176-1", or the tree's path and revision
  std::string content;  // what it was made of, as a hash; equal if identical
};

}  // namespace finwait::kernel
