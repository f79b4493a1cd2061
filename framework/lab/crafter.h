// Segments that nobody's TCP sends, and the end of sockets by sock_diag.
#pragma once

#include <map>
#include <string>

#include "lab/lab.h"
#include "observe/observer.h"
#include "process/actor.h"
#include "process/sandbox.h"
#include "scenario/step.h"

namespace finwait::lab {

// Does to connections what needs none of their sockets. One process per host
// sends, beside the one that makes its calls, which may block. One thread at a
// time; everything given to the constructor must outlive it.
class Crafter {
 public:
  Crafter(Lab& lab, process::Sandbox& sandbox, observe::Observer& observer);

  // Sends the segments from `host`, and returns what the last sendto(2) did.
  // Throws StepFailure if the connection does not say what they must be.
  process::CallReturn Send(const std::string& host,
                           const scenario::Craft& craft);

  // SOCK_DESTROY of the host's socket, as if it were a call.
  process::CallReturn Destroy(const std::string& host,
                              const scenario::Destroy& destroy);

 private:
  tcp::EndpointTimeline Seen(const std::string& host,
                             const std::string& connection) const;
  tcp::EndpointTimeline FarEndOf(const tcp::EndpointTimeline& near) const;
  process::Actor& ActorOf(const std::string& host);

  Lab& lab_;
  process::Sandbox& sandbox_;
  observe::Observer& observer_;
  std::map<std::string, process::Actor> actors_;  // by host
};

}  // namespace finwait::lab
