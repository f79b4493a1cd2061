#include "change_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "base/error.h"

namespace finwait::tools {
namespace {

SeenChange Describe(const tcp::EndpointTimeline& endpoint,
                    const tcp::Transition& transition) {
  SeenChange change{.tuple = endpoint.tuple, .transition = transition};
  for (const tcp::Transition& earlier : endpoint.transitions) {
    if (&earlier == &transition) break;
    change.entered = earlier.at;
  }
  for (const tcp::Sample& sample : endpoint.samples) {
    if (sample.facts && sample.facts->inode != 0) {
      change.inode = sample.facts->inode;
    }
  }
  if (!endpoint.samples.empty()) change.look = endpoint.samples.back();
  return change;
}

}  // namespace

ChangeQueue::ChangeQueue(report::Selection selection)
    : selection_(std::move(selection)),
      event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.valid()) ThrowErrno("making an eventfd");
}

void ChangeQueue::Push(const tcp::EndpointTimeline& endpoint,
                       const tcp::Transition& transition) {
  if (!selection_.Wants(endpoint.tuple) || !selection_.Wants(transition)) {
    return;
  }
  {
    std::lock_guard lock(mutex_);
    if (waiting_.changes.size() < kRoom) {
      waiting_.changes.push_back(Describe(endpoint, transition));
    } else {
      ++waiting_.without_room[{transition.from, transition.to}];
    }
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written =
      write(event_.get(), &one, sizeof one);  // cannot fail below 2^64 - 1
}

ChangeQueue::Batch ChangeQueue::TakeAll() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(event_.get(), &count, sizeof count);
  std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

}  // namespace finwait::tools
