// Frames as they pass one interface (libpcap).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/clock.h"
#include "netns/namespace.h"

struct pcap;

namespace finwait::observe {

// Ethernet's address of an interface; zeros for the loopback.
using HardwareAddress = std::array<std::uint8_t, 6>;

// Does an Ethernet frame come from this address?
bool IsFrom(const HardwareAddress& address,
            std::span<const std::uint8_t> frame);

// A frame in the capture's ring: valid until the sink returns.
struct RawFrame {
  TimePoint at;
  bool sent = false;                    // its source is the interface itself
  std::uint32_t length = 0;             // on the wire
  std::span<const std::uint8_t> bytes;  // tcp::kFrameBytes of them at most
};

// Captures on all interfaces of the namespace, those to come included, and of
// any kind: a frame has a pseudo header then, with its EtherType where
// Ethernet has it.
inline constexpr char kAllInterfaces[] = "any";

// What a capture lets in, as pcap-filter(7) says it.
inline constexpr char kOnlyTcp[] = "tcp";
// Only what begins and ends connections. Of IPv6, tcp[] knows nothing in
// libpcap; a segment behind extension headers is not found.
inline constexpr char kOnlyControl[] =
    "tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0 or "
    "(ip6[6] = 6 and ip6[40 + 13] & (tcp-syn|tcp-fin|tcp-rst) != 0)";
// And what explains TCP: errors, and who is where.
inline constexpr char kTcpAndWhy[] = "tcp or icmp or icmp6 or arp";

// A packet socket with a memory-mapped ring on one interface of a namespace.
// Frames are in the ring, stamped by the kernel, the moment they pass; nothing
// is delivered in batches. Sent segments are tapped after the kernel changed
// the socket's state, received ones before it sees them.
//
// Owns the pcap handle; move-only; one thread at a time. Needs CAP_NET_RAW in
// the namespace.
class Capture {
 public:
  // Opens a capture with a ring of `ring_bytes`. Takes some 20 ms, in which the
  // kernel waits for RCU: open several from several threads.
  static Capture Open(const netns::Namespace& ns, const std::string& interface,
                      int ring_bytes, const std::string& filter = kOnlyTcp);

  // Readable when frames wait.
  int fd() const;

  // Hands all waiting frames to `sink`, in order. Never blocks.
  void Drain(const std::function<void(const RawFrame&)>& sink);

  // Frames that did not fit into the ring since it was opened.
  std::uint64_t dropped() const;

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };
  Capture(pcap* handle, HardwareAddress own) : handle_(handle), own_(own) {}
  std::unique_ptr<pcap, Close> handle_;
  // Of one interface libpcap does not hand on the kernel's pkttype: the source
  // tells who sent.
  HardwareAddress own_;
};

}  // namespace finwait::observe
