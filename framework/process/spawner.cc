// The spawner's queue; see the header.
#include "process/spawner.h"

#include <signal.h>

#include <utility>

#include "base/priority.h"

namespace finwait::process {

// A thread inherits the mask of the one that makes it; blocking first leaves
// no moment in which the spawner could take a signal.
Spawner::Spawner() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ =
        std::jthread([this](const std::stop_token& stop) { Serve(stop); });
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Spawner::Run(const std::function<void()>& f) {
  std::packaged_task<void()> task(f);
  std::future<void> done = task.get_future();
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  work_.notify_one();
  done.get();
}

void Spawner::Serve(const std::stop_token& stop) {
  GoAheadInRealTime();
  std::unique_lock lock(mutex_);
  while (work_.wait(lock, stop, [this] { return !tasks_.empty(); })) {
    std::packaged_task<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace finwait::process
