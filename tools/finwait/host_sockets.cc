#include "host_sockets.h"

#include <chrono>

namespace finwait::tools {
namespace {

using tcp::Owner;
using tcp::TcpState;

constexpr std::uint32_t Bit(TcpState state) {
  return 1U << static_cast<unsigned>(state);
}

constexpr std::uint32_t kConnections =
    ~(Bit(TcpState::kListen) | Bit(TcpState::kClosed));

// Did the observer look after the change, and at what will stay so?
bool IsSettled(const SeenChange& change) {
  if (!change.look || !change.look->facts) return false;
  const tcp::SocketFacts& facts = *change.look->facts;
  return facts.state == change.transition.to &&
         (facts.state != TcpState::kFinWait2 || facts.minisock());
}

}  // namespace

std::vector<report::WatchedSocket> HostSockets::Standing(
    const report::Selection& selection) {
  std::vector<report::WatchedSocket> sockets;
  for (const auto& entry : diag_.Dump(kConnections, /*with_info=*/false)) {
    if (!selection.Wants(entry.tuple)) continue;
    report::WatchedSocket socket{entry.tuple, entry.facts,
                                 OwnersOf(entry.tuple, entry.facts)};
    if (selection.Wants(socket)) sockets.push_back(std::move(socket));
  }
  return sockets;
}

void HostSockets::LookAgain(SeenChange& change) {
  const TcpState state = change.transition.to;
  if (state == TcpState::kClosed || IsSettled(change)) return;
  // What an orphan does next depends on its RTO.
  const tcp::Sample now =
      diag_.Look(change.tuple, /*with_info=*/state == TcpState::kFinWait2);
  if (!now.facts || now.facts->state != state) return;
  change.look = now;
  if (now.facts->inode != 0) change.inode = now.facts->inode;
}

std::vector<Owner> HostSockets::OwnersOf(const SeenChange& change) {
  if (change.inode != 0) {
    auto owners = holders_.Of(change.inode);
    if (change.transition.to == TcpState::kClosed) {
      holders_.Forget(change.inode);
    }
    return owners;
  }
  if (!change.look || !change.look->facts) return {};
  return OwnersOf(change.tuple, *change.look->facts);
}

std::vector<Owner> HostSockets::OwnersOf(
    const tcp::EndpointTimeline& endpoint) {
  if (endpoint.samples.empty() || !endpoint.samples.back().facts) return {};
  return holders_.Of(endpoint.samples.back().facts->inode);
}

std::vector<Owner> HostSockets::OwnersOf(const tcp::FourTuple& tuple,
                                         const tcp::SocketFacts& facts) {
  const bool listener =
      report::HoldingOf(facts) == report::Holding::kListener ||
      facts.state == TcpState::kSynRecv;
  return listener ? ListenersAt(tuple.local.port) : holders_.Of(facts.inode);
}

// Listeners are listed again once a second at most, when one is missing.
std::vector<Owner> HostSockets::ListenersAt(std::uint16_t port) {
  const TimePoint now = MonotonicClock::now();
  if (!listeners_.contains(port) && now >= next_listing_) {
    next_listing_ = now + std::chrono::seconds(1);
    listeners_.clear();
    for (const auto& entry : diag_.Dump(Bit(TcpState::kListen), false)) {
      listeners_.emplace(entry.tuple.local.port, entry.facts.inode);
    }
  }
  std::vector<Owner> owners;
  const auto [first, last] = listeners_.equal_range(port);
  for (auto listener = first; listener != last; ++listener) {
    for (const Owner& owner : holders_.Of(listener->second)) {
      owners.push_back(owner);
    }
  }
  return owners;
}

}  // namespace finwait::tools
