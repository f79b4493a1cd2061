// Opens and reads captures with libpcap.
#include "observe/capture.h"

#include <net/if.h>
#include <pcap/pcap.h>
#include <pcap/sll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "tcp/timeline.h"

namespace finwait::observe {
namespace {

void Check(int status, pcap_t* handle, const std::string& doing) {
  // Positive values are warnings.
  if (status < 0) throw Error(doing, pcap_geterr(handle));
}

// Of an interface of the thread's namespace.
HardwareAddress HardwareAddressOf(const std::string& interface) {
  const FileDescriptor any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  if (!any.valid() || ioctl(any.get(), SIOCGIFHWADDR, &request) != 0) {
    ThrowErrno("asking for the address of " + interface);
  }
  HardwareAddress address;
  std::copy_n(request.ifr_hwaddr.sa_data, address.size(), address.begin());
  return address;
}

pcap_t* OpenOne(const std::string& interface, int ring_bytes,
                const std::string& filter) {
  const std::string doing = "capturing on " + interface;
  char text[PCAP_ERRBUF_SIZE] = "";
  pcap_t* handle = pcap_create(interface.c_str(), text);
  if (handle == nullptr) throw Error(doing, text);
  try {
    pcap_set_snaplen(handle, tcp::kFrameBytes);
    pcap_set_promisc(handle, 0);
    // One frame at a time instead of blocks: a look at the socket right after
    // a packet must find that packet in the ring.
    pcap_set_immediate_mode(handle, 1);
    pcap_set_buffer_size(handle, ring_bytes);
    pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
    Check(pcap_activate(handle), handle, doing);
    Check(pcap_setnonblock(handle, 1, text), handle, doing);
    bpf_program program{};
    Check(
        pcap_compile(handle, &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN),
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

// LINKTYPE_LINUX_SLL: two bytes of packet type, twelve of addresses, and the
// EtherType. Without the first two it is as long as Ethernet's header.
constexpr std::size_t kCookedExtra = 2;

bool IsCooked(pcap_t* handle) { return pcap_datalink(handle) == DLT_LINUX_SLL; }

bool IsOutgoing(std::span<const std::uint8_t> cooked) {
  return (cooked[0] << 8 | cooked[1]) == LINUX_SLL_OUTGOING;
}

struct Delivery {
  const std::function<void(const RawFrame&)>& sink;
  const HardwareAddress& own;
  bool cooked = false;
  std::optional<Duration> offset{};  // of the clock of stamps; read once
};

void Deliver(u_char* user, const pcap_pkthdr* header, const u_char* bytes) {
  auto* delivery = reinterpret_cast<Delivery*>(user);
  if (!delivery->offset) delivery->offset = RealtimeOffset();
  // With nanosecond precision tv_usec holds nanoseconds.
  const Duration stamp = std::chrono::seconds(header->ts.tv_sec) +
                         std::chrono::nanoseconds(header->ts.tv_usec);
  const std::span frame(bytes, header->caplen);
  RawFrame raw{.at = TimePoint(stamp - *delivery->offset),
               .length = header->len};
  if (delivery->cooked) {
    if (frame.size() < SLL_HDR_LEN) return;
    raw.sent = IsOutgoing(frame);
    raw.bytes = frame.subspan(kCookedExtra);
  } else {
    raw.sent = IsFrom(delivery->own, frame);
    raw.bytes = frame;
  }
  delivery->sink(raw);
}

}  // namespace

bool IsFrom(const HardwareAddress& address,
            std::span<const std::uint8_t> frame) {
  if (frame.size() < 2 * address.size()) return false;
  const auto source = frame.subspan(address.size(), address.size());
  return std::equal(address.begin(), address.end(), source.begin());
}

void Capture::Close::operator()(pcap* handle) const { pcap_close(handle); }

Capture Capture::Open(const netns::Namespace& ns, const std::string& interface,
                      int ring_bytes, const std::string& filter) {
  pcap_t* handle = nullptr;
  HardwareAddress own{};
  ns.Enter([&] {
    if (interface != kAllInterfaces) own = HardwareAddressOf(interface);
    handle = OpenOne(interface, ring_bytes, filter);
  });
  return {handle, own};
}

int Capture::fd() const { return pcap_get_selectable_fd(handle_.get()); }

void Capture::Drain(const std::function<void(const RawFrame&)>& sink) {
  Delivery delivery{sink, own_, IsCooked(handle_.get())};
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
