#include "kernel/kvm.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/file_descriptor.h"
#include "kernel/fingerprint.h"
#include "kernel/host_answer.h"

namespace finwait::kernel {
namespace {

constexpr char kSeconds[] = "10";  // a boot without a root takes about one

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A kernel that gets far enough to miss its root file system says so, and
// resets the machine, which ends QEMU. What the CPU cannot run dies before,
// or stands still.
bool Boots(const Kernel& kernel, const std::string& qemu) {
  const auto console = HostAnswer({"timeout",
                                   kSeconds,
                                   qemu,
                                   "-nodefaults",
                                   "-no-user-config",
                                   "-display",
                                   "none",
                                   "-no-reboot",
                                   "-serial",
                                   "stdio",
                                   "-m",
                                   "512",
                                   "-accel",
                                   "kvm",
                                   "-cpu",
                                   "host",
                                   "-kernel",
                                   kernel.image,
                                   "-append",
                                   "console=ttyS0 quiet panic=-1"});
  return console &&
         console->find("VFS: Unable to mount root") != std::string::npos;
}

}  // namespace

std::string WhyNotKvm(const Kernel& kernel, const std::string& qemu,
                      const Cache& cache) {
  const FileDescriptor kvm(open("/dev/kvm", O_RDWR | O_CLOEXEC));
  if (!kvm.valid()) return std::string("no KVM: /dev/kvm: ") + strerror(errno);
  // What was found out holds until the host is started anew.
  const std::filesystem::path known =
      cache.Workshop("kvm") /
      FingerprintOf(kernel.content +
                    ReadFile("/proc/sys/kernel/random/boot_id"));
  std::string answer = ReadFile(known);
  if (answer.empty()) {
    answer = Boots(kernel, qemu) ? "boots" : "dies";
    std::ofstream(known) << answer;
  }
  if (answer == "boots") return "";
  return "no KVM: " + kernel.name + " does not boot in it on this machine";
}

}  // namespace finwait::kernel
