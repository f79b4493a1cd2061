// Frames that wait at both ends of a link until they are let go: the way to
// make segments cross without netem.
#pragma once

#include "lab/lab.h"
#include "netlink/link.h"
#include "netns/namespace.h"

namespace finwait::bench {

// While held, neither end knows the other's hardware address, and IP packets
// queue behind the question for it, which nobody answers: 200 kB at each end,
// some 100 segments, for at most 3 s (Linux: net/core/neighbour.c
// __neigh_event_send()). What was sent before Hold() has arrived by then.
// One thread at a time; for the two hosts of topologies/two-hosts.toml.
class HeldFrames {
 public:
  explicit HeldFrames(const lab::Lab& lab);

  void Hold();
  // First what the client sent, then what the server sent: before it received
  // anything of the client's.
  void Release();

 private:
  struct End {
    netlink::Rtnetlink rtnl;
    int ifindex = 0;
    netlink::MacAddress mac{};
    tcp::IpAddress ip;
  };
  static End EndOf(const lab::Lab& lab, const char* host, const char* address);
  static void Forget(End& end, const tcp::IpAddress& other);

  End client_;
  End server_;
};

}  // namespace finwait::bench
