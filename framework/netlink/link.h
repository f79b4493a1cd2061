// Interfaces, addresses and routes of one namespace.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "netlink/socket.h"
#include "netns/namespace.h"
#include "tcp/address.h"

namespace finwait::netlink {

using MacAddress = std::array<std::uint8_t, 6>;

struct VethEnd {
  const netns::Namespace* ns = nullptr;
  std::string name;
  MacAddress mac{};
  // Chosen by the caller and unique in the namespace. From 100 upwards: some
  // kernels put sit0, tunl0 and others behind loopback. Different at both
  // ends: then the kernel counts the carrier coming up as urgent (Linux:
  // net/core/link_watch.c linkwatch_urgent_event()).
  int ifindex = 0;
};

// rtnetlink of one namespace. Opened once and kept; one thread at a time.
// Move-only. Every refusal is an Error that names the request.
class Rtnetlink {
 public:
  explicit Rtnetlink(const netns::Namespace& ns);

  void LoopbackUp();
  // Creates a veth pair, each end directly in its namespace (never moved: that
  // costs 14 ms of RCU waits). This socket's namespace must be a.ns. Both
  // ends are down; both get `mtu`.
  void CreateVeth(const VethEnd& a, const VethEnd& b, int mtu);
  void CreateBridge(const std::string& name, int ifindex);
  void Enslave(int ifindex, int bridge_ifindex);
  // No automatic link-local address: fewer packets in the capture. Before
  // SetUp. Without IPv6 in the kernel there is none to begin with.
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
  // After AddAddress with IPv6: until the local route exists. Before, the
  // first packet to the address is lost even without DAD.
  void WaitAddressUsable(const tcp::IpAddress& address);

  // TX checksum, TSO, GSO, GRO on or off. Off, sockets that connect later hand
  // down one packet at a time, so that a qdisc counts packets, too. No thread
  // needed: a netlink socket takes the ethtool ioctl and asks its namespace.
  void SetOffloads(const std::string& interface, bool on);

  Socket& socket() { return socket_; }

 private:
  // Hears of links and IPv6 routes, from the first wait that had to wait.
  Socket& events();

  netns::Namespace ns_;
  std::optional<Socket> events_;
  Socket socket_;
};

}  // namespace finwait::netlink
