// Changes of state on their way from the observer's thread to the printer.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "base/file_descriptor.h"
#include "report/standing.h"
#include "report/watched.h"
#include "tcp/timeline.h"

namespace finwait::tools {

// What the observer knew when a change had become certain.
struct SeenChange {
  tcp::FourTuple tuple;
  tcp::Transition transition;
  // When the state that it ended began; none if that was before the watch.
  std::optional<TimePoint> entered;
  std::optional<tcp::Sample> look;  // the latest
  std::uint32_t inode = 0;          // the socket's, or that it had last
};

// Holds so much and no more: a printer that is slow must neither hold up the
// observer nor fill the memory. What finds no room is counted.
class ChangeQueue {
 public:
  explicit ChangeQueue(report::Selection selection);

  // For the observer's thread. Takes what is selected.
  void Push(const tcp::EndpointTimeline& endpoint,
            const tcp::Transition& transition);

  // Readable when there is something to take.
  int fd() const { return event_.get(); }

  struct Batch {
    std::vector<SeenChange> changes;
    report::ChangeCounts without_room;
  };
  Batch TakeAll();

 private:
  static constexpr std::size_t kRoom = 10'000;

  const report::Selection selection_;
  const FileDescriptor event_;
  std::mutex mutex_;  // guards what follows
  Batch waiting_;
};

}  // namespace finwait::tools
