// Watches a running host's connections and prints what happens to them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "change_queue.h"
#include "host_sockets.h"
#include "netns/namespace.h"
#include "observe/observer.h"
#include "report/change_line.h"
#include "report/standing.h"

namespace finwait::tools {

struct WatchOptions {
  report::Selection selection;
  bool only_existing = false;  // of the connections there are at the start
  bool only_new = false;
  std::optional<Duration> length;  // none: until interrupted
  report::Style style;
};

// Sets nothing on the host: it has a packet socket, sock_diag sockets, an eye
// on /proc and, where it may, BPF programs that only tell. With those, it need
// not see what passes between a connection's beginning and its end. The
// observer's thread hands changes over; everything else happens on the thread
// that calls Run.
class Watcher {
 public:
  // `ns` must outlive it; an event on `interrupt_fd` ends Run.
  Watcher(const netns::Namespace& ns, WatchOptions options, int interrupt_fd);

  // Prints what is there, every change, and a summary. Returns when the time
  // is over, on an interrupt, when nobody reads the output any more, or when
  // none of the existing connections is left to watch. Throws what ended the
  // observer, and if the output cannot be written.
  void Run();

 private:
  using Sockets = std::vector<report::WatchedSocket>;
  void PrintBeginning(const Sockets& sockets);
  void WatchUntilEnd();
  bool IsOver() const;
  // Waits for a change, for the next line to be due, or for an end.
  void Await(int observer_ended);
  TimePoint NextDue() const;
  void TakeChanges();
  void PrintDue(TimePoint now);
  void PrintChange(SeenChange& change);
  bool IsFromWantedTime(const SeenChange& change);
  void PrintMissed(const report::ChangeCounts& missed);
  void PrintSummary(const Sockets& left);
  void PrintBlame(observe::Observer::Seen seen, TimePoint end);
  void Print(const std::string& text);
  void Flush();

  const netns::Namespace& ns_;
  const WatchOptions options_;
  const int interrupt_fd_;
  const TimePoint begin_;
  const report::Kernel kernel_;
  ChangeQueue queue_;
  HostSockets sockets_;
  std::multimap<TimePoint, SeenChange> pending_;  // to be printed in order
  std::set<tcp::FourTuple> existing_;  // since before the watch, and still
  report::ChangeCounts printed_;
  report::ChangeCounts missed_;
  std::string text_;    // printed, but not written yet
  bool ended_ = false;  // by the user, the output's reader, or the observer
  observe::Observer observer_;  // last: its thread uses the queue
};

}  // namespace finwait::tools
