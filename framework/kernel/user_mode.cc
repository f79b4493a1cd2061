// Starting user-mode Linux.
#include <sys/statvfs.h>

#include <cstdint>

#include "kernel/boot.h"
#include "kernel/guest_folder.h"
#include "kernel/processor.h"

namespace finwait::kernel {
namespace {

// The guest's memory is a sparse file, of which it takes what it touches.
// Enough for one case with its capture rings; what is more takes time to set
// up.
constexpr char kMemory[] = "mem=1024M";
constexpr std::uintmax_t kLeastRoom = std::uintmax_t{2} << 30;  // bytes

bool CanHoldMemory(const char* folder) {
  struct statvfs room {};
  if (statvfs(folder, &room) != 0) return false;
  const bool executable = (room.f_flag & ST_NOEXEC) == 0;
  return executable && room.f_bavail * room.f_frsize >= kLeastRoom;
}

// Where that file is made (and unlinked at once). It is mapped executable, and
// a container's /dev/shm is often too small: then a disk must do.
std::string FolderForMemory() {
  for (const char* folder : {"/dev/shm", "/tmp"}) {
    if (CanHoldMemory(folder)) return folder;
  }
  return "/var/tmp";
}

// Kernel parameters are split at spaces outside of quotes.
std::string Quoted(const std::string& path) {
  return path.find(' ') == std::string::npos ? path : '"' + path + '"';
}

// What a guest has of the host as long as it lives.
struct Kept {
  explicit Kept(const Cache& cache) : folder(cache) {}
  const GuestFolder folder;
  const Processor processor;
};

}  // namespace

Boot BootUserMode(const Kernel& kernel, const Needs& needs,
                  const Cache& cache) {
  Boot boot;
  // Nothing comes in by the channel: where input and output are the same open
  // file, user-mode Linux makes both block or neither. Its output must, so that
  // no time passes in the guest while we are slow to read.
  boot.channel = "/dev/ttyS0";
  const auto kept = std::make_shared<Kept>(cache);
  boot.keeps = kept;
  boot.processor = kept->processor.number();
  const std::filesystem::path& folder = kept->folder.path();
  boot.order_file = folder / "order";
  boot.environment["TMPDIR"] = FolderForMemory();
  // WARNING: without `ro` a guest started by root can delete the host's files.
  boot.command = {kernel.image,
                  kMemory,
                  "root=/dev/root",
                  "rootfstype=hostfs",
                  "rootflags=/",
                  "ro",
                  "uml_dir=" + folder.string() + "/",
                  "console=tty0",  // else it is appended, to init as well
                  "con=null",
                  "con0=null,fd:1",
                  "ssl=null",
                  "ssl0=null,fd:3",
                  "time-travel=inf-cpu",
                  "time-travel-start=1767225600000000000",  // 2026-01-01
                  "seccomp=auto",
                  "quiet",
                  "panic=-1",
                  "init=" + Quoted(needs.finwait),
                  "--",
                  "guest",
                  boot.channel,
                  boot.order_file};
  return boot;
}

}  // namespace finwait::kernel
