// What a person sees while runs go on.
#pragma once

#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"

namespace finwait::tools {

// Prints lines and, on a terminal, keeps one status line below them that says
// what is waited for. Thread-safe. Owns the thread that refreshes the status
// line; there is none when `out` is not a terminal.
class Progress {
 public:
  // `total` cases are to be played.
  Progress(std::size_t total, bool terminal, std::FILE* out = stdout);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Text that stays; a newline is added.
  void Print(const std::string& text);

  // Case number `n` is now doing that; empty when it has finished.
  void SetStatus(std::size_t n, const std::string& what);
  void CountFinished();

 private:
  void Refresh();
  std::string StatusLine() const;
  void Erase();

  const std::size_t total_;
  const bool terminal_;
  std::FILE* const out_;
  const TimePoint begin_ = MonotonicClock::now();
  std::mutex mutex_;  // guards what follows, and the output
  std::condition_variable ended_condition_;
  bool ended_ = false;
  std::size_t finished_ = 0;
  std::map<std::size_t, std::string> status_;  // by case
  std::thread thread_;
};

}  // namespace finwait::tools
