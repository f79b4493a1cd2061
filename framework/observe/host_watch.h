// Everything that watches one host.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "netlink/destroy_events.h"
#include "netlink/sock_diag.h"
#include "netns/namespace.h"
#include "observe/capture.h"
#include "observe/frame_store.h"
#include "observe/segment.h"
#include "tcp/timeline.h"

namespace finwait::observe {

// A host to watch. `ns` must outlive whoever watches it.
struct Vantage {
  std::string host;
  const netns::Namespace* ns = nullptr;
  std::vector<std::string> interfaces;
  std::vector<tcp::IpAddress> addresses;
  // Whole networks that are the host's own (127.0.0.0/8), beside `addresses`.
  std::vector<tcp::IpPrefix> networks;
  // Of a bridge's port: whose frames come in there. All others go out there,
  // and none is the bridge's own. Empty for all that are no bridges.
  std::vector<HardwareAddress> beyond;
  // What of TCP its captures let in, as pcap-filter(7) says it.
  std::string filter = kOnlyTcp;
};

// Owns the captures and the sock_diag sockets of one host.
// One thread at a time.
class HostWatch {
 public:
  // Throws Error if a capture cannot be opened. Frames go to `frames`, too,
  // unless it is null.
  HostWatch(Vantage vantage, int ring_bytes, FrameStore* frames);

  const std::string& host() const { return vantage_.host; }
  const netns::Namespace& ns() const { return *vantage_.ns; }
  // Descriptors that become readable when there is something to drain.
  std::vector<int> fds() const;

  // Hands over what waits, and never blocks: segments that the host sent or
  // received, then the sockets that a notice says to look at.
  void Drain(const std::function<void(const Segment&, bool sent)>& on_segment,
             const std::function<void(const tcp::FourTuple&)>& on_notice);

  tcp::Sample Look(const tcp::FourTuple& tuple);
  // Every socket that is an endpoint of a connection with one of the host's
  // own addresses. Walks the machine's whole table: 0.3 ms and more.
  std::vector<netlink::DiagEntry> Dump();

  bool IsOwn(const tcp::IpAddress& address) const;

  // Segments that the captures lost.
  std::uint64_t dropped() const;

 private:
  void Keep(const std::string& interface, RawFrame frame);

  Vantage vantage_;
  FrameStore* frames_;
  std::vector<Capture> captures_;  // of vantage_.interfaces
  netlink::SockDiag diag_;
  netlink::DestroyEvents destroyed_;
};

using HostWatches = std::vector<std::unique_ptr<HostWatch>>;

// For the frames of all `vantages`: names every interface but the loopbacks.
std::unique_ptr<FrameStore> StoreFor(const std::vector<Vantage>& vantages);

// Opening and closing a capture is mostly waiting for RCU. These do it for all
// hosts from several threads, which share those waits.
// Every frame goes to `frames`, unless it is null.
HostWatches WatchAll(std::vector<Vantage> vantages,
                     FrameStore* frames = nullptr);

void Release(HostWatches watches);

}  // namespace finwait::observe
