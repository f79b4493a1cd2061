// The programs of one run, and waiting while they run.
#pragma once

#include <poll.h>

#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "base/alarm.h"
#include "lab/lab.h"
#include "process/program.h"
#include "process/sandbox.h"
#include "scenario/step.h"
#include "tcp/timeline.h"

namespace finwait::lab {

// Owns every program started by a run, ended ones included, and reads their
// output whenever the run waits for anything. One thread at a time.
class Programs {
 public:
  // `interrupt_fd` becomes readable when the user wants the run to end; -1 for
  // none. `lab` and `sandbox` must outlive this object.
  Programs(Lab& lab, process::Sandbox& sandbox, int interrupt_fd);

  // Starts and waits until it is ready. Throws StepFailure if it ends first
  // or is not ready in time, with the end of its output.
  void Start(const std::string& host, const scenario::StartProgram& step);
  // SIGKILL cannot be refused: it is over when the program is.
  void Signal(const std::string& name, int signal);
  void Restart(const std::string& name);
  void WriteInput(const std::string& name, const std::string& text);
  void WaitEnd(const std::string& name, TimePoint deadline);
  void WaitOutput(const std::string& name, const std::string& text,
                  TimePoint deadline);

  // Waits for `fd` (-1: none) to become readable, or for `done`, which is
  // asked again after every event of a program; false if the deadline passes
  // first. Throws Interrupted.
  bool Wait(int fd, const std::function<bool()>& done, TimePoint deadline);

  // One record per start, in order, with what is known by now.
  std::vector<tcp::ProgramRecord> Records();

 private:
  struct Running {
    std::string host;
    scenario::StartProgram step;
    tcp::ProgramRecord record;
    process::Program program;
  };

  Running& Find(const std::string& name);
  void Launch(const std::string& host, const scenario::StartProgram& step);
  void Kill(Running& running);
  void WaitReady(Running& running);
  bool Listens(const Running& running, std::uint16_t port);
  std::vector<pollfd> PollList(int fd) const;
  void Pump();
  std::string Tail(const Running& running) const;

  Lab& lab_;
  process::Sandbox& sandbox_;
  int interrupt_fd_;
  Alarm deadline_;              // of Wait()
  std::list<Running> running_;  // in order of their starts
};

}  // namespace finwait::lab
