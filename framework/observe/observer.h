// Watches the endpoints of a run and turns what it sees into a Timeline.
//
// Segments and the kernel's notices of destroyed sockets say when to look;
// exact sock_diag lookups say what is there. A socket whose timer is armed is
// looked at again when half of the time left has passed, and so on until the
// timer may fire; nothing is polled while nothing can change. Between a timer's
// nominal expiry and the timer wheel's, the socket is looked at once per
// millisecond, more slowly when many wait at once (5 us of one core are
// budgeted for each look). In virtual time it is looked at just before and just
// after the tick that fires the timer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "observe/event_source.h"
#include "observe/host_watch.h"
#include "observe/segment.h"
#include "scenario/expectation.h"
#include "tcp/timeline.h"

namespace finwait::observe {

using Endpoints = std::vector<tcp::EndpointTimeline>;

// Owns one thread, which owns all captures, sock_diag sockets and endpoints.
// The public functions may be called from any one thread; they hand requests
// to the observer's thread. What they take by reference is not kept.
class Observer {
 public:
  struct Options {
    std::vector<scenario::ConnectionName> names;
    // Called on the observer's thread for every transition as it becomes
    // certain; must not block.
    std::function<void(const tcp::EndpointTimeline&, const tcp::Transition&)>
        on_transition;
    // Kernel events of all hosts; taken over.
    std::vector<std::unique_ptr<EventSource>> sources;
    // Keep every frame for Seen::frames: 200 bytes each.
    bool keep_frames = false;
    // For watching without end: endpoints that are over are forgotten soon
    // after on_transition was told, and of segments only SYN, FIN and RST are
    // kept.
    bool forget = false;
    // May the observer's thread go ahead of everybody (SCHED_FIFO), or only of
    // who is as nice?
    bool priority = true;
  };

  // Watches from here on. Throws Error if a capture cannot be opened.
  Observer(std::vector<Vantage> vantages, Options options);
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  // The next connection from `host` to `remote` gets this name.
  void ExpectConnection(const std::string& host,
                        const tcp::SocketAddress& remote,
                        const std::string& name);

  // From now on, segments of `host` may wait in a queue before they are seen.
  // To be called before the queue is set up.
  void ExpectQueue(const std::string& host);

  // The next segment like this that leaves `host` is none of its sockets'
  // doing: it stands in the timelines of who receives it only. To be called
  // before it is sent.
  void ExpectCrafted(const std::string& host, const Segment& segment);

  // Looks at a socket now, because a call that began at `called` has just been
  // made on it, and names it; an endpoint that was not known yet is one from
  // now on. Returns when the look has been evaluated.
  void Look(const std::string& host, const tcp::FourTuple& tuple,
            const std::string& name, TimePoint called);

  // Looks at all sockets that `host` has: those that were not known yet are
  // endpoints from now on, whose path begins with the state they are in.
  void Adopt(const std::string& host);

  // Becomes readable, for good, once `condition` holds. The condition is
  // evaluated on the observer's thread after every change.
  FileDescriptor When(std::function<bool(const Endpoints&)> condition);

  // Returns when everything that is due has been looked at and no doubt is
  // left: no segment waits for its confirmation.
  void Settle();

  // Runs f on the observer's thread with what is known now.
  void Inspect(const std::function<void(const Endpoints&)>& f);

  struct Seen {
    Endpoints endpoints;
    std::uint64_t packets_dropped = 0;
    std::vector<tcp::SourceRecord> sources;
    std::vector<std::string> interfaces;  // as in tcp::Timeline
    std::vector<tcp::Frame> frames;
  };
  // Looks once more at every socket that should still be there, ends the
  // thread and hands over everything. An exception that ended the thread
  // early is thrown here.
  Seen Finish();

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace finwait::observe
