#include "exact_ends.h"

#include <pthread.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/file_descriptor.h"
#include "netlink/sock_diag.h"

namespace finwait::bench {
namespace {

void AskForPriority() {
  sched_param parameter{};
  parameter.sched_priority = 1;
  pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter);
}

void WaitFor(TimePoint when) {
  const FileDescriptor timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  const auto ns = std::max<std::int64_t>(when.time_since_epoch().count(), 1);
  const itimerspec at{.it_value = {.tv_sec = ns / 1'000'000'000,
                                   .tv_nsec = ns % 1'000'000'000}};
  timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &at, nullptr);
  std::uint64_t expirations = 0;
  while (read(timer.get(), &expirations, sizeof expirations) < 0) {
  }
}

void Watch(netlink::SockDiag& diag, std::vector<Bracket>& brackets) {
  for (std::size_t left = brackets.size(); left > 0;) {
    for (Bracket& bracket : brackets) {
      if (bracket.missed != TimePoint()) continue;
      const tcp::Sample look = diag.Look(bracket.tuple, /*with_info=*/false);
      if (look.facts) {
        bracket.seen = look.before;
      } else {
        bracket.missed = look.after;
        --left;
      }
    }
  }
}

}  // namespace

std::vector<Bracket> WatchUntilGone(const netns::Namespace& ns,
                                    const std::vector<tcp::FourTuple>& tuples,
                                    TimePoint begin) {
  std::vector<Bracket> brackets;
  for (const tcp::FourTuple& tuple : tuples)
    brackets.push_back({.tuple = tuple});
  netlink::SockDiag diag(ns);
  std::thread([&] {
    AskForPriority();
    WaitFor(begin);
    Watch(diag, brackets);
  }).join();
  return brackets;
}

Duration Error(const Bracket& bracket, TimePoint at) {
  return std::max(at - bracket.seen, bracket.missed - at);
}

}  // namespace finwait::bench
