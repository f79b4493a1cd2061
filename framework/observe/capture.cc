// Opens and reads captures with libpcap.
#include "observe/capture.h"

#include <pcap/pcap.h>

#include "base/error.h"

namespace finwait::observe {
namespace {

void Check(int status, pcap_t* handle, const std::string& doing) {
  // Positive values are warnings.
  if (status < 0) throw Error(doing, pcap_geterr(handle));
}

pcap_t* OpenOne(const std::string& interface, int ring_bytes) {
  const std::string doing = "capturing on " + interface;
  char text[PCAP_ERRBUF_SIZE] = "";
  pcap_t* handle = pcap_create(interface.c_str(), text);
  if (handle == nullptr) throw Error(doing, text);
  try {
    pcap_set_snaplen(handle, kSnapLength);
    pcap_set_promisc(handle, 0);
    // One frame at a time instead of blocks: a look at the socket right after
    // a packet must find that packet in the ring.
    pcap_set_immediate_mode(handle, 1);
    pcap_set_buffer_size(handle, ring_bytes);
    pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
    Check(pcap_activate(handle), handle, doing);
    Check(pcap_setnonblock(handle, 1, text), handle, doing);
    bpf_program program{};
    Check(pcap_compile(handle, &program, "tcp", 1, PCAP_NETMASK_UNKNOWN),
          handle, doing);
    const int set = pcap_setfilter(handle, &program);
    pcap_freecode(&program);
    Check(set, handle, doing);
  } catch (...) {
    pcap_close(handle);
    throw;
  }
  return handle;
}

struct Delivery {
  const std::function<void(const Segment&)>& sink;
};

void Deliver(u_char* user, const pcap_pkthdr* header, const u_char* bytes) {
  const auto* delivery = reinterpret_cast<const Delivery*>(user);
  // With nanosecond precision tv_usec holds nanoseconds.
  const Duration stamp = std::chrono::seconds(header->ts.tv_sec) +
                         std::chrono::nanoseconds(header->ts.tv_usec);
  const auto segment =
      DecodeSegment({bytes, header->caplen}, FromRealtime(stamp));
  if (segment) delivery->sink(*segment);
}

}  // namespace

void Capture::Close::operator()(pcap* handle) const { pcap_close(handle); }

Capture Capture::Open(const netns::Namespace& ns, const std::string& interface,
                      int ring_bytes) {
  pcap_t* handle = nullptr;
  ns.Enter([&] { handle = OpenOne(interface, ring_bytes); });
  return Capture(handle);
}

int Capture::fd() const { return pcap_get_selectable_fd(handle_.get()); }

void Capture::Drain(const std::function<void(const Segment&)>& sink) {
  Delivery delivery{sink};
  // -1 processes what is in the ring now.
  while (pcap_dispatch(handle_.get(), -1, Deliver,
                       reinterpret_cast<u_char*>(&delivery)) > 0) {
  }
}

std::uint64_t Capture::dropped() const {
  pcap_stat statistics{};
  if (pcap_stats(handle_.get(), &statistics) != 0) return 0;
  return statistics.ps_drop;
}

}  // namespace finwait::observe
