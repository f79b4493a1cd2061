// The thread that forks.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace finwait::process {

// Owns one thread that lives as long as this object and runs what it is given,
// in order, with all signals blocked. Run may be called from any thread but
// the spawner's own.
//
// WARNING: once a task has moved the thread's children into another pid
// namespace, no later task may create a thread.
class Spawner {
 public:
  Spawner();

  // Runs f on the thread and waits; an exception from f comes back.
  void Run(const std::function<void()>& f);

 private:
  void Serve(const std::stop_token& stop);

  std::mutex mutex_;  // guards tasks_
  std::condition_variable_any work_;
  std::deque<std::packaged_task<void()>> tasks_;
  std::jthread thread_;  // last: it is stopped and joined first
};

}  // namespace finwait::process
