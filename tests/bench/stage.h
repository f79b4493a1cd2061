// Two hosts, a load generator and one or two observers of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "generator.h"
#include "held_frames.h"
#include "lab/lab.h"
#include "lab/sources.h"
#include "observe/counters.h"
#include "observe/observer.h"
#include "paths.h"
#include "process/sandbox.h"

namespace finwait::bench {

struct StageOptions {
  bool kernel_events = true;  // for the observer, where they are to be had
  bool plain_too = false;     // a second observer, without them
  int fin_timeout = 1;        // tcp_fin_timeout of both hosts, seconds
};

// What was seen of a run, by the observer and by the plain one, and what the
// kernel counted on each host meanwhile.
struct Run {
  observe::Observer::Seen seen;
  observe::Observer::Seen plain;
  std::map<std::string, tcp::CounterDeltas> counters;
};

// Owns everything of one run. One thread at a time.
class Stage {
 public:
  explicit Stage(const StageOptions& options);

  // So many connections that end in this way, in batches that the observers'
  // rings hold. Without TIME_WAIT, which has not ended when this returns.
  void Play(Way way, int connections);
  // As many, whose clients are orphans in FIN_WAIT2 when this returns.
  void MakeOrphans(int connections);

  // Returns when the observers know of no socket of `host` any more.
  void AwaitEnd(const std::string& host);
  Run Finish();

  const lab::Lab& lab() const { return lab_; }
  Generator& generator() { return *generator_; }
  observe::Observer& observer() { return *observer_; }

 private:
  void CatchUp();
  void Cross(int connections);
  std::map<std::string, observe::Counters> Count() const;

  lab::Lab lab_;
  lab::Ground ground_;
  process::Sandbox sandbox_;
  std::unique_ptr<observe::Observer> observer_;
  std::unique_ptr<observe::Observer> plain_;  // may be null
  std::unique_ptr<Generator> generator_;
  HeldFrames frames_;
  std::map<std::string, observe::Counters> before_;
};

}  // namespace finwait::bench
