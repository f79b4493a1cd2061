// TCP segments as they pass one interface (libpcap).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "netns/namespace.h"
#include "observe/segment.h"

struct pcap;

namespace finwait::observe {

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
                      int ring_bytes);

  // Readable when segments wait.
  int fd() const;

  // Hands all waiting segments to `sink`, in order. Never blocks.
  void Drain(const std::function<void(const Segment&)>& sink);

  // Frames that did not fit into the ring since it was opened.
  std::uint64_t dropped() const;

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };
  explicit Capture(pcap* handle) : handle_(handle) {}
  std::unique_ptr<pcap, Close> handle_;
};

}  // namespace finwait::observe
