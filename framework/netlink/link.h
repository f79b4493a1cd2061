// Interfaces, addresses and routes of one namespace.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "netlink/socket.h"
#include "netns/namespace.h"
#include "tcp/address.h"

namespace finwait::netlink {

using MacAddress = std::array<std::uint8_t, 6>;

struct VethEnd {
  const netns::Namespace* ns = nullptr;
  std::string name;
  MacAddress mac{};
  int ifindex = 0;  // chosen by the caller, unique in the namespace, > 1
};

// rtnetlink of one namespace. Opened once and kept; one thread at a time.
class Rtnetlink {
 public:
  explicit Rtnetlink(const netns::Namespace& ns);

  void LoopbackUp();
  // Creates a veth pair, each end directly in its namespace (never moved: that
  // costs 14 ms of RCU waits). This socket's namespace must be a.ns.
  void CreateVeth(const VethEnd& a, const VethEnd& b, int mtu);
  void CreateBridge(const std::string& name, int ifindex);
  void Enslave(int ifindex, int bridge_ifindex);
  // No automatic link-local address: fewer packets in the capture.
  void DisableAutomaticIpv6(int ifindex);
  void SetUp(int ifindex, bool up);
  void AddAddress(int ifindex, const tcp::IpPrefix& address);  // no DAD
  // A permanent neighbour: ARP and ND never disturb a timing.
  void AddNeighbour(int ifindex, const tcp::IpAddress& ip,
                    const MacAddress& mac);
  void AddRoute(const tcp::IpPrefix& destination, const tcp::IpAddress& via);

  // Barriers. After SetUp(true) on both ends of a link: makes the kernel
  // activate the carrier now instead of up to a second later (linkwatch).
  void WaitOperational(int ifindex);
  // After AddAddress with IPv6: until the local route exists.
  void WaitAddressUsable(const tcp::IpAddress& address);

  Socket& socket() { return socket_; }

 private:
  Socket socket_;
};

// TX checksum, TSO, GSO, GRO on or off (ethtool ioctl, in `ns`).
void SetOffloads(const netns::Namespace& ns, const std::string& interface,
                 bool on);

}  // namespace finwait::netlink
