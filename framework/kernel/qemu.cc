// Starting a kernel for PCs in QEMU.
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "kernel/boot.h"
#include "kernel/disk_space.h"
#include "kernel/initial_image.h"
#include "kernel/kvm.h"
#include "process/program.h"

namespace finwait::kernel {
namespace {

constexpr char kQemu[] = "qemu-system-x86_64";

// The host gives a guest the pages it touches, so this costs only what the
// kernel's list of pages takes: enough for the capture rings of 16 scenarios
// at a time.
constexpr std::uint64_t kMemory = 3072;  // MiB, beside the initial files

// An image has to end where the kernel can still reach it while it starts:
// INITRD_ADDR_MAX, 0x37ffffff, in arch/x86/boot/header.S.
constexpr std::uint64_t kMostInitialBytes = std::uint64_t{768} << 20;

void CheckSize(const InitialImage& image) {
  if (image.bytes <= kMostInitialBytes) return;
  throw Error("making an initial file system",
              "the programs and their files take " + SizeText(image.bytes) +
                  ", and a kernel can start with " +
                  SizeText(kMostInitialBytes));
}

std::string Memory(const InitialImage& image) {
  // Once as it is loaded, once unpacked; the former is freed afterwards.
  return std::to_string(kMemory + 2 * (image.bytes >> 20)) + "M";
}

void Append(std::vector<std::string>& command,
            const std::vector<std::string>& arguments) {
  command.insert(command.end(), arguments.begin(), arguments.end());
}

// Time passes by instructions, one a nanosecond, and leaps to the next timer
// when the guest waits.
void AddVirtualTime(std::vector<std::string>& command) {
  Append(command, {"-accel", "tcg", "-icount", "shift=0,sleep=off", "-cpu",
                   "max", "-rtc", "base=2026-01-01,clock=vm", "-seed", "1"});
}

void AddRealTime(std::vector<std::string>& command) {
  Append(command, {"-accel", "kvm", "-cpu", "host"});
}

// Calibrating the local APIC's timer reads the clock in a loop for 100 ms,
// which is 2 s of emulation; the HPET serves as well. The self-tests of the
// kernel's ciphers take another second.
std::string Parameters(const std::string& channel) {
  return "console=ttyS0 quiet panic=-1 mitigations=off "
         "random.trust_cpu=on nolapic_timer cryptomgr.notests=1 -- guest " +
         channel;
}

}  // namespace

Boot BootMachine(const Kernel& kernel, const Needs& needs, const Cache& cache,
                 Clock clock) {
  const auto qemu = process::FindExecutable(kQemu);
  if (!qemu) throw Unsupported(kQemu, "the package qemu-system-x86");
  const InitialImage image = MakeInitialImage(kernel, needs, cache);
  CheckSize(image);
  Boot boot;
  boot.channel = "/dev/vport0p1";
  boot.keeps = image.keeps;
  if (clock == Clock::kReal) {
    boot.explanation = WhyNotKvm(kernel, *qemu, cache);
    boot.virtual_time = !boot.explanation.empty();
  }
  boot.command = {*qemu,  "-nodefaults", "-no-user-config", "-display",
                  "none", "-no-reboot",  "-serial",         "stdio",
                  "-m",   Memory(image)};
  if (boot.virtual_time) {
    AddVirtualTime(boot.command);
  } else {
    AddRealTime(boot.command);
  }
  Append(boot.command,
         {"-chardev", "socket,id=channel,fd=3", "-device",
          "virtio-serial-pci,ioeventfd=off", "-device",
          "virtserialport,chardev=channel", "-kernel", kernel.image, "-initrd",
          image.path, "-append", Parameters(boot.channel)});
  return boot;
}

}  // namespace finwait::kernel
