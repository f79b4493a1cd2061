// A process we forked, which is reaped exactly once.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/file_descriptor.h"

namespace finwait::process {

// How a process ended: a code or a signal, never both. Neither if somebody
// else reaped it.
struct Ended {
  TimePoint at;  // when we noticed
  std::optional<int> exit_code;
  std::optional<int> term_signal;
};

// Owns a child that leads a process group. An ended child stays a zombie until
// End(), so that neither its pid nor its group's number can come to mean
// another process while we may still signal it. Any thread.
class Child {
 public:
  // Throws Error, and ends the child, if it cannot be watched.
  explicit Child(pid_t pid);
  ~Child() { End(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }          // as our /proc shows it
  int pidfd() const { return pidfd_.get(); }  // readable once it ended
  void Signal(int signal);                    // to its group, if it runs
  std::optional<Ended> Poll();                // never blocks
  void End();                                 // SIGKILL to the group; reaps

 private:
  // Fills ended_ if it has ended. `options` as in waitid(2).
  void Look(int options);

  const pid_t pid_;
  FileDescriptor pidfd_;
  std::mutex mutex_;  // guards what follows
  bool reaped_ = false;
  std::optional<Ended> ended_;
};

}  // namespace finwait::process
