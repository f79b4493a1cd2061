// What all sources of a run bring, in the order of time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "observe/endpoint_book.h"
#include "observe/event_source.h"
#include "observe/frame_store.h"
#include "observe/host_watch.h"
#include "tcp/timeline.h"

namespace finwait::observe {

// Owns the captures and sock_diag sockets of all hosts and the sources of
// kernel events. One thread at a time.
class Intake {
 public:
  // Throws Error if a capture cannot be opened.
  Intake(std::vector<Vantage> vantages,
         std::vector<std::unique_ptr<EventSource>> sources, bool keep_frames);
  ~Intake();
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  // Descriptors that become readable when there is something to drain.
  std::vector<int> fds() const;

  // Tells `book` what waits, and `look` the endpoints that should be looked at
  // now. Never blocks. True if there was anything.
  bool Drain(EndpointBook& book, const std::function<void(std::size_t)>& look);

  HostWatch& WatchOf(const std::string& host);
  const HostWatches& watches() const { return watches_; }

  // How many segments the captures lost.
  std::uint64_t packets_dropped() const;
  // Of the kernel events, the packets and the frames that were kept.
  std::vector<tcp::SourceRecord> Records() const;
  FrameStore* frames() { return frames_.get(); }  // null: none are kept

 private:
  // A segment that `watch`'s host sent or received.
  struct Passed {
    const HostWatch* watch = nullptr;
    bool sent = false;
    Segment segment;
  };
  static TimePoint TimeOf(const Passed& passed) {
    return passed.segment.packet.at;
  }
  static TimePoint TimeOf(const Event& event) { return event.at; }
  template <typename T>
  static void SortByTime(std::vector<T>& batch);

  void Collect(EventSource& source);
  void Collect(HostWatch& watch, std::vector<std::size_t>& noticed,
               const EndpointBook& book);
  void TellInOrder(EndpointBook& book,
                   const std::function<void(std::size_t)>& look);

  std::unique_ptr<FrameStore> frames_;
  HostWatches watches_;
  std::map<std::string, HostWatch*, std::less<>> by_host_;
  std::vector<std::unique_ptr<EventSource>> sources_;
  std::vector<Passed> passed_;  // empty between drains, as is
  std::vector<Event> told_;
  std::uint64_t segments_ = 0;
};

}  // namespace finwait::observe
