// How a guest is started: a command line, and what it needs on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernel/cache.h"
#include "kernel/kernel.h"

namespace finwait::kernel {

// What a guest must find of the host's files, at the same paths.
struct Needs {
  std::filesystem::path finwait;      // the command itself; the guest's init
  std::vector<std::string> programs;  // as in run = ["curl", ...]: looked up in
                                      // PATH unless they have a slash
  std::vector<std::filesystem::path> files;  // files, or folders with all in
                                             // them: scenarios, topologies, ...
};

// A guest ready to be started as a child with this convention: descriptor 0 is
// /dev/null, 1 and 2 go to whoever keeps the console's last lines, and 3 is a
// connected stream socket, which the guest's init finds as the device
// `channel`. The init is `finwait guest CHANNEL [ORDER]`. A value; copies share
// the files behind it, which are removed with the last copy.
struct Boot {
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;  // added to ours
  std::string channel;  // "/dev/ttyS0", "/dev/vport0p1"
  // A file of the host that it reads its order from, named to the init after
  // the channel, so that it waits for nobody; empty: it hears it by the
  // channel.
  std::filesystem::path order_file;
  int processor = -1;        // the only one it runs on; -1: any
  bool virtual_time = true;  // else waiting costs real time (KVM)
  std::string explanation;   // one line, where something was fallen back from
  std::shared_ptr<void> keeps;
};

// User-mode Linux: its files are the host's own, through hostfs, read-only.
Boot BootUserMode(const Kernel& kernel, const Needs& needs, const Cache& cache);

// What a guest's time follows.
enum class Clock : std::uint8_t {
  kVirtual,  // its instructions; waiting costs nothing
  kReal,     // the host's clock, by KVM; virtual where that does not work
};

// QEMU: an initial file system made of what is needed, kept in the cache's
// workshop by content. It is found through our /proc, so the guest is started
// as our child. Throws Unsupported if there is no QEMU; Error naming what of
// `needs` cannot be found.
Boot BootMachine(const Kernel& kernel, const Needs& needs, const Cache& cache,
                 Clock clock = Clock::kVirtual);

}  // namespace finwait::kernel
