#include "lab/programs.h"

#include <string.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include "base/error.h"
#include "lab/step_failure.h"

namespace finwait::lab {
namespace {

using scenario::StartProgram;

// No kernel event says that a port listens; a dump of listeners takes 14 us.
constexpr Duration kListenPoll = std::chrono::milliseconds(1);
constexpr std::size_t kTail = 400;

// The kernel closes what a program had open before it is gone.
constexpr Duration kDeath = std::chrono::seconds(10);

process::Command CommandOf(const StartProgram& step) {
  return {.arguments = step.command,
          .environment = step.environment,
          .standard_input = step.standard_input,
          .keep_input_open = step.keep_input_open,
          .readiness_descriptor = step.ready.writes_descriptor};
}

std::string HowItEnded(const tcp::ProgramRecord& record) {
  if (record.term_signal) {
    return "was killed by SIG" + std::string(sigabbrev_np(*record.term_signal));
  }
  return "exited with " + std::to_string(record.exit_code.value_or(-1));
}

}  // namespace

Programs::Programs(Lab& lab, process::Sandbox& sandbox, int interrupt_fd)
    : lab_(lab), sandbox_(sandbox), interrupt_fd_(interrupt_fd) {}

void Programs::Start(const std::string& host, const StartProgram& step) {
  Launch(host, step);
  WaitReady(running_.back());
}

void Programs::Launch(const std::string& host, const StartProgram& step) {
  tcp::ProgramRecord record{
      .host = host, .name = step.as, .started = MonotonicClock::now()};
  process::Program program(sandbox_, lab_.In(host), CommandOf(step));
  record.pid = program.pid();
  running_.push_back({host, step, record, std::move(program)});
}

void Programs::WaitReady(Running& running) {
  const scenario::Readiness& ready = running.step.ready;
  const TimePoint deadline = MonotonicClock::now() + ready.within;
  const bool asked = ready.listens || ready.prints || ready.writes_descriptor;
  if (!asked) return;
  const auto is_ready = [&] {
    if (ready.prints) {
      return running.program.output().find(*ready.prints) != std::string::npos;
    }
    if (ready.writes_descriptor) return running.program.Ready();
    return Listens(running, *ready.listens);
  };
  const auto settled = [&] {
    return is_ready() || running.record.ended.has_value();
  };
  bool in_time = settled();
  while (!in_time && MonotonicClock::now() < deadline) {
    const TimePoint next =
        ready.listens ? std::min(deadline, MonotonicClock::now() + kListenPoll)
                      : deadline;
    in_time = Wait(-1, settled, next);
  }
  // A program that daemonizes may be ready and gone.
  if (is_ready()) return;
  const std::string what = running.record.ended
                               ? HowItEnded(running.record)
                               : "is not, after " + Format(ready.within);
  throw StepFailure{running.step.as + " is ready",
                    running.step.as + " " + what + Tail(running)};
}

bool Programs::Listens(const Running& running, std::uint16_t port) {
  constexpr auto kListening = 1U
                              << static_cast<unsigned>(tcp::TcpState::kListen);
  const auto entries = lab_.Diag(running.host).Dump(kListening, false);
  return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
    return entry.tuple.local.port == port;
  });
}

std::string Programs::Tail(const Running& running) const {
  const std::string& output = running.program.output();
  if (output.empty()) return "; it printed nothing";
  const std::size_t from = output.size() - std::min(output.size(), kTail);
  return "; it printed: " + output.substr(from);
}

Programs::Running& Programs::Find(const std::string& name) {
  const auto found = std::find_if(
      running_.rbegin(), running_.rend(),
      [&](const Running& running) { return running.step.as == name; });
  if (found == running_.rend()) {
    throw StepFailure{name + " runs", "it was never started"};
  }
  return *found;
}

void Programs::Signal(const std::string& name, int signal) {
  Running& running = Find(name);
  if (signal == SIGKILL) return Kill(running);
  running.program.Signal(signal);
}

void Programs::Kill(Running& running) {
  running.program.Signal(SIGKILL);
  const auto ended = [&] { return running.record.ended.has_value(); };
  if (Wait(-1, ended, MonotonicClock::now() + kDeath)) return;
  throw Error("killing " + running.step.as,
              "it did not die of SIGKILL within " + Format(kDeath));
}

void Programs::Restart(const std::string& name) {
  Running& old = Find(name);
  Kill(old);
  Start(old.host, StartProgram(old.step));
}

void Programs::WriteInput(const std::string& name, const std::string& text) {
  Find(name).program.WriteInput(text);
}

void Programs::WaitEnd(const std::string& name, TimePoint deadline) {
  Running& running = Find(name);
  const auto ended = [&] { return running.record.ended.has_value(); };
  if (Wait(-1, ended, deadline)) return;
  throw StepFailure{name + " ends", "it still runs" + Tail(running)};
}

void Programs::WaitOutput(const std::string& name, const std::string& text,
                          TimePoint deadline) {
  Running& running = Find(name);
  const auto printed = [&] {
    return running.program.output().find(text) != std::string::npos;
  };
  const auto settled = [&] {
    return printed() || running.record.ended.has_value();
  };
  Wait(-1, settled, deadline);
  if (printed()) return;
  const std::string state =
      running.record.ended ? HowItEnded(running.record) : "still runs";
  throw StepFailure{name + " prints \"" + text + "\"",
                    "it " + state + Tail(running)};
}

std::vector<pollfd> Programs::PollList(int fd) const {
  // The first three are the caller's, the interrupt's and the deadline's, in
  // that order.
  std::vector<pollfd> list{
      {fd, POLLIN, 0}, {interrupt_fd_, POLLIN, 0}, {deadline_.fd(), POLLIN, 0}};
  for (const Running& running : running_) {
    list.push_back({running.program.output_fd(), POLLIN, 0});
    list.push_back({running.program.readiness_fd(), POLLIN, 0});
    const bool ended = running.record.ended.has_value();
    list.push_back({ended ? -1 : running.program.pidfd(), POLLIN, 0});
  }
  return list;
}

bool Programs::Wait(int fd, const std::function<bool()>& done,
                    TimePoint deadline) {
  Pump();
  deadline_.Set(deadline);
  while (!done()) {
    std::vector<pollfd> list = PollList(fd);
    const int ready = poll(list.data(), list.size(), -1);
    if (ready < 0) {
      if (errno != EINTR) ThrowErrno("waiting for a step");
      continue;
    }
    if (list[1].revents != 0) throw Interrupted{};
    Pump();
    if (list[0].revents != 0) return true;
    if (list[2].revents != 0) return done();
  }
  return true;
}

void Programs::Pump() {
  for (Running& running : running_) {
    running.program.Pump();
    running.program.Ready();
    if (running.record.ended) continue;
    if (const auto ended = running.program.Poll()) {
      running.program.Pump();
      running.record.ended = ended->at;
      running.record.exit_code = ended->exit_code;
      running.record.term_signal = ended->term_signal;
    }
  }
}

std::vector<tcp::ProgramRecord> Programs::Records() {
  Pump();
  std::vector<tcp::ProgramRecord> records;
  for (Running& running : running_) {
    running.record.output = running.program.output();
    records.push_back(running.record);
  }
  return records;
}

}  // namespace finwait::lab
