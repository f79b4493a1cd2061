#include "kernel/guest.h"

#include <fcntl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "kernel/guest_command.h"
#include "kernel/guest_files.h"
#include "kernel/message.h"
#include "kernel/order.h"
#include "lab/batch.h"
#include "report/transcript.h"
#include "scenario/load.h"

namespace finwait::kernel {
namespace {

using Kind = Message::Kind;

std::uint64_t ClockReading() {
  return static_cast<std::uint64_t>(
      MonotonicClock::now().time_since_epoch().count());
}

// As a terminal it would change bytes and echo them.
void MakeTransparent(int fd) {
  termios settings{};
  if (tcgetattr(fd, &settings) != 0) return;  // not a terminal: it is already
  cfmakeraw(&settings);
  tcsetattr(fd, TCSANOW, &settings);
}

FileDescriptor OpenChannel(const std::string& device) {
  FileDescriptor channel(open(device.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!channel.valid()) ThrowErrno("opening " + device);
  MakeTransparent(channel.get());
  return channel;
}

Order HearOrder(int fd) {
  MessageParser parser;
  std::array<char, 4096> buffer;
  while (true) {
    if (auto message = parser.Next()) return OrderOf(message->text);
    const ssize_t length = read(fd, buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) ThrowErrno("reading what to do");
    if (length == 0) throw Error("reading what to do", "nobody is there");
    parser.Add({buffer.data(), static_cast<std::size_t>(length)});
  }
}

Order ReadOrder(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) ThrowErrno("opening " + file);
  const std::string bytes(std::istreambuf_iterator<char>(stream), {});
  return OrderOf(bytes);
}

Order TakeOrder(const std::string& file, int channel, MessageWriter& writer) {
  if (!file.empty()) return ReadOrder(file);
  writer.Write({.kind = Kind::kReady, .number = 0, .text = {}});
  return HearOrder(channel);
}

void Settle(const Order& order) {
  for (const auto& [name, value] : order.environment) {
    setenv(name.c_str(), value.c_str(), /*overwrite=*/1);
  }
  if (chdir(order.folder.c_str()) != 0) ThrowErrno("chdir " + order.folder);
}

void PlayCases(const Order& order, MessageWriter& writer) {
  std::vector<scenario::Scenario> cases;
  for (const scenario::Origin& origin : order.cases) {
    cases.push_back(scenario::LoadAgain(origin));
  }
  lab::BatchOptions batch;
  batch.jobs = order.jobs;
  batch.kernel_events = order.kernel_events;
  batch.keep_frames = order.keep_frames;
  batch.on_status = [&](std::size_t n, const std::string& what) {
    writer.Write({.kind = Kind::kStatus, .number = n, .text = what});
  };
  batch.on_result = [&](std::size_t n, const judge::Result& result) {
    writer.Write({.kind = Kind::kResult,
                  .number = n,
                  .text = report::WriteTranscript(result)});
  };
  lab::PlayBatch(cases, batch);
}

void CarryOut(const Order& order, MessageWriter& writer) {
  Settle(order);
  if (order.command.empty()) {
    PlayCases(order, writer);
  } else {
    RunCommand(order.command, writer);
  }
}

// The process that does the work.
void Work(const std::string& device, const std::string& order_file) {
  const FileDescriptor channel = OpenChannel(device);
  MessageWriter writer(channel.get());
  try {
    const Order order = TakeOrder(order_file, channel.get(), writer);
    writer.Write({.kind = Kind::kStarted, .number = ClockReading()});
    CarryOut(order, writer);
    writer.Write({.kind = Kind::kDone, .number = ClockReading()});
  } catch (const std::exception& error) {
    writer.Write({.kind = Kind::kTrouble, .text = error.what()});
  }
  tcdrain(channel.get());
}

// Process 1 is the parent of all orphans: somebody has to reap them.
void ReapUntilEndOf(pid_t worker) {
  while (true) {
    const pid_t ended = wait(nullptr);
    if (ended == worker || (ended < 0 && errno == ECHILD)) return;
  }
}

void ServeAsInit(const std::string& channel, const std::string& order) {
  PrepareFiles();
  const pid_t worker = fork();
  if (worker < 0) ThrowErrno("fork");
  if (worker == 0) {
    Work(channel, order);
    _exit(0);
  }
  ReapUntilEndOf(worker);
}

}  // namespace

void ServeAsGuest(const std::string& channel, const std::string& order) {
  try {
    ServeAsInit(channel, order);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "finwait: %s\n", error.what());
  }
  sync();
  reboot(RB_POWER_OFF);
  _exit(1);  // which the kernel does not survive, either
}

}  // namespace finwait::kernel
