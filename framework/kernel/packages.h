// Kernels of a distribution, as it ships them.
#pragma once

#include <string>

#include "kernel/cache.h"
#include "kernel/telling.h"

namespace finwait::kernel {

struct PackageSource {
  std::string suite;    // "bookworm", "trixie-backports"
  std::string package;  // an image; empty: the newest for cloud machines
  std::string mirror;   // empty: the machine's own
  std::string name;     // empty: "debian-6.1"
};

// Fetches a kernel image and its modules as packages and keeps vmlinuz, the
// modules and the configuration. Nothing is installed, no privilege is needed.
// What is there already is not fetched again. Throws Error saying what is
// missing; Unsupported on a machine that is not a PC of 64 bits.
Kernel AddPackage(Cache& cache, const PackageSource& source,
                  const Telling& telling);

// "6.1" of "6.1.0-50-cloud-amd64".
std::string MajorMinor(const std::string& release);

// Throws Unsupported on anything but x86_64: kernels are for the machine that
// runs them.
void RequirePc();

}  // namespace finwait::kernel
