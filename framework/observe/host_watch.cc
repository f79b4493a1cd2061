#include "observe/host_watch.h"

#include <algorithm>
#include <future>

#include "base/clock.h"

namespace finwait::observe {
namespace {

// All captures of a run share kRingTotal bytes.
constexpr std::size_t kRingTotal = 64 << 20;
constexpr std::size_t kRingMax = 8 << 20;
constexpr std::size_t kRingMin = 64 << 10;
// In virtual time a reader is not kept waiting, and a guest must make each
// page.
constexpr std::size_t kRingVirtual = 1 << 20;

constexpr char kLoopback[] = "lo";

// "client:eth0"
std::string EndName(const Vantage& vantage, const std::string& interface) {
  return vantage.host + ":" + interface;
}

int RingBytes(const std::vector<Vantage>& vantages) {
  std::size_t interfaces = 1;
  for (const Vantage& v : vantages) interfaces += v.interfaces.size();
  const std::size_t most = TimeIsVirtual() ? kRingVirtual : kRingMax;
  return static_cast<int>(std::clamp(kRingTotal / interfaces, kRingMin, most));
}

std::vector<Capture> OpenCaptures(const Vantage& vantage, int ring_bytes,
                                  const std::string& filter) {
  std::vector<Capture> captures;
  for (const std::string& interface : vantage.interfaces) {
    captures.push_back(
        Capture::Open(*vantage.ns, interface, ring_bytes, filter));
  }
  return captures;
}

// Calls f(0) to f(count - 1) from several threads.
template <typename F>
void InParallel(std::size_t count, const F& f) {
  constexpr std::size_t kThreads = 16;
  std::vector<std::future<void>> workers;
  for (std::size_t first = 0; first < std::min(kThreads, count); ++first) {
    workers.push_back(std::async(std::launch::async, [&f, first, count] {
      for (std::size_t n = first; n < count; n += kThreads) f(n);
    }));
  }
  for (auto& worker : workers) worker.get();
}

}  // namespace

HostWatch::HostWatch(Vantage vantage, int ring_bytes, FrameStore* frames)
    : vantage_(std::move(vantage)),
      frames_(frames),
      captures_(OpenCaptures(vantage_, ring_bytes,
                             frames == nullptr ? vantage_.filter : kTcpAndWhy)),
      diag_(*vantage_.ns),
      destroyed_(*vantage_.ns) {}

std::vector<int> HostWatch::fds() const {
  std::vector<int> fds{destroyed_.fd()};
  for (const Capture& capture : captures_) fds.push_back(capture.fd());
  return fds;
}

bool HostWatch::IsOwn(const tcp::IpAddress& address) const {
  const auto& own = vantage_.addresses;
  const auto& networks = vantage_.networks;
  return std::find(own.begin(), own.end(), address) != own.end() ||
         std::any_of(networks.begin(), networks.end(),
                     [&](const tcp::IpPrefix& network) {
                       return Contains(network, address);
                     });
}

void HostWatch::Drain(
    const std::function<void(const Segment&, bool sent)>& on_segment,
    const std::function<void(const tcp::FourTuple&)>& on_notice) {
  for (std::size_t n = 0; n < captures_.size(); ++n) {
    captures_[n].Drain([&](const RawFrame& frame) {
      if (frames_ != nullptr) Keep(vantage_.interfaces[n], frame);
      const auto segment = DecodeSegment(frame.bytes, frame.at);
      if (!segment) return;
      if (IsOwn(segment->source.ip)) on_segment(*segment, true);
      if (IsOwn(segment->destination.ip)) on_segment(*segment, false);
    });
  }
  destroyed_.Drain(
      [&](const tcp::FourTuple& tuple, std::uint64_t) { on_notice(tuple); });
}

void HostWatch::Keep(const std::string& interface, RawFrame frame) {
  const auto& beyond = vantage_.beyond;
  if (!beyond.empty()) {
    frame.sent = std::none_of(beyond.begin(), beyond.end(),
                              [&](const HardwareAddress& station) {
                                return IsFrom(station, frame.bytes);
                              });
  }
  frames_->Keep(EndName(vantage_, interface), frame);
}

tcp::Sample HostWatch::Look(const tcp::FourTuple& tuple) {
  return diag_.Look(tuple, /*with_info=*/true);
}

std::vector<netlink::DiagEntry> HostWatch::Dump() {
  constexpr std::uint32_t kConnections =
      ~(1U << static_cast<int>(tcp::TcpState::kListen) |
        1U << static_cast<int>(tcp::TcpState::kClosed)) &
      0x1fff;  // up to TCP_NEW_SYN_RECV
  auto entries = diag_.Dump(kConnections, /*with_info=*/false);
  std::erase_if(entries, [&](const netlink::DiagEntry& entry) {
    return !IsOwn(entry.tuple.local.ip);
  });
  return entries;
}

std::uint64_t HostWatch::dropped() const {
  std::uint64_t dropped = 0;
  for (const Capture& capture : captures_) dropped += capture.dropped();
  return dropped;
}

std::unique_ptr<FrameStore> StoreFor(const std::vector<Vantage>& vantages) {
  auto store = std::make_unique<FrameStore>();
  for (const Vantage& vantage : vantages) {
    for (const std::string& interface : vantage.interfaces) {
      if (interface != kLoopback) {
        store->Announce(EndName(vantage, interface));
      }
    }
  }
  return store;
}

HostWatches WatchAll(std::vector<Vantage> vantages, FrameStore* frames) {
  const int ring_bytes = RingBytes(vantages);
  HostWatches watches(vantages.size());
  InParallel(vantages.size(), [&](std::size_t n) {
    watches[n] =
        std::make_unique<HostWatch>(std::move(vantages[n]), ring_bytes, frames);
  });
  return watches;
}

void Release(HostWatches watches) {
  InParallel(watches.size(), [&](std::size_t n) { watches[n].reset(); });
}

}  // namespace finwait::observe
