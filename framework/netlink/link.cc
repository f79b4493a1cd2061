// Links, addresses, neighbours and routes, one request each.
#include "netlink/link.h"

#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "netlink/message.h"

namespace finwait::netlink {
namespace {

constexpr int kLoopback = 1;  // LOOPBACK_IFINDEX, include/net/flow.h

int FamilyOf(const tcp::IpAddress& ip) {
  return ip.family == tcp::Family::kIpv4 ? AF_INET : AF_INET6;
}

void PutAddress(Message* message, int attribute, const tcp::IpAddress& ip) {
  message->PutBytes(attribute, ip.bytes.data(),
                    ip.family == tcp::Family::kIpv4 ? 4 : 16);
}

Message LinkMessage(int flags, const ifinfomsg& header) {
  Message message(RTM_NEWLINK, flags);
  message.PutHeader(header);
  return message;
}

std::string Interface(int ifindex) {
  return "interface " + std::to_string(ifindex);
}

// What both ends of a veth have.
void PutVethEnd(Message* message, const VethEnd& end, int mtu) {
  message->PutString(IFLA_IFNAME, end.name);
  message->Put(IFLA_ADDRESS, end.mac);
  message->Put(IFLA_MTU, static_cast<std::uint32_t>(mtu));
}

}  // namespace

Rtnetlink::Rtnetlink(const netns::Namespace& ns)
    : ns_(ns.Duplicate()), socket_(ns, NETLINK_ROUTE) {}

void Rtnetlink::LoopbackUp() { SetUp(kLoopback, true); }

void Rtnetlink::CreateVeth(const VethEnd& a, const VethEnd& b, int mtu) {
  Message message =
      LinkMessage(NLM_F_CREATE | NLM_F_EXCL, {.ifi_index = a.ifindex});
  PutVethEnd(&message, a, mtu);
  nlattr* info = message.Begin(IFLA_LINKINFO);
  message.PutString(IFLA_INFO_KIND, "veth");
  nlattr* data = message.Begin(IFLA_INFO_DATA);
  nlattr* peer = message.Begin(VETH_INFO_PEER);
  message.PutHeader(ifinfomsg{.ifi_index = b.ifindex});
  PutVethEnd(&message, b, mtu);
  message.Put(IFLA_NET_NS_FD, b.ns->fd());
  message.End(peer).End(data).End(info);
  socket_.Request(message.get(), "creating veth " + a.name + "-" + b.name);
}

void Rtnetlink::CreateBridge(const std::string& name, int ifindex) {
  Message message =
      LinkMessage(NLM_F_CREATE | NLM_F_EXCL, {.ifi_index = ifindex});
  message.PutString(IFLA_IFNAME, name);
  nlattr* info = message.Begin(IFLA_LINKINFO);
  message.PutString(IFLA_INFO_KIND, "bridge");
  nlattr* data = message.Begin(IFLA_INFO_DATA);
  // No snooping: its IGMP and MLD queries would be in every capture.
  message.Put(IFLA_BR_MCAST_SNOOPING, std::uint8_t{0});
  message.End(data).End(info);
  socket_.Request(message.get(), "creating bridge " + name);
}

void Rtnetlink::Enslave(int ifindex, int bridge_ifindex) {
  Message message = LinkMessage(0, {.ifi_index = ifindex});
  message.Put(IFLA_MASTER, bridge_ifindex);
  socket_.Request(message.get(), "putting " + Interface(ifindex) +
                                     " into bridge " +
                                     std::to_string(bridge_ifindex));
}

void Rtnetlink::DisableAutomaticIpv6(int ifindex) {
  Message message = LinkMessage(0, {.ifi_index = ifindex});
  nlattr* families = message.Begin(IFLA_AF_SPEC);
  nlattr* ipv6 = message.Begin(AF_INET6);
  message.Put(IFLA_INET6_ADDR_GEN_MODE,
              static_cast<std::uint8_t>(IN6_ADDR_GEN_MODE_NONE));
  message.End(ipv6).End(families);
  try {
    socket_.Request(message.get(), "turning automatic addresses of " +
                                       Interface(ifindex) + " off");
  } catch (const Error& e) {
    if (e.code() != EAFNOSUPPORT) throw;
  }
}

void Rtnetlink::SetUp(int ifindex, bool up) {
  Message message =
      LinkMessage(0, {.ifi_index = ifindex,
                      .ifi_flags = static_cast<unsigned>(up ? IFF_UP : 0),
                      .ifi_change = IFF_UP});
  socket_.Request(message.get(),
                  "setting " + Interface(ifindex) + (up ? " up" : " down"));
}

void Rtnetlink::AddAddress(int ifindex, const tcp::IpPrefix& address) {
  Message message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  message.PutHeader(ifaddrmsg{
      .ifa_family = static_cast<std::uint8_t>(FamilyOf(address.address)),
      .ifa_prefixlen = static_cast<std::uint8_t>(address.length),
      .ifa_index = static_cast<std::uint32_t>(ifindex)});
  PutAddress(&message, IFA_LOCAL, address.address);
  PutAddress(&message, IFA_ADDRESS, address.address);
  if (address.address.family == tcp::Family::kIpv6) {
    message.Put(IFA_FLAGS, std::uint32_t{IFA_F_NODAD});
  }
  socket_.Request(message.get(), "adding address " + ToString(address) +
                                     " to " + Interface(ifindex));
}

void Rtnetlink::AddNeighbour(int ifindex, const tcp::IpAddress& ip,
                             const MacAddress& mac) {
  Message message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
  message.PutHeader(ndmsg{.ndm_family = static_cast<std::uint8_t>(FamilyOf(ip)),
                          .ndm_ifindex = ifindex,
                          .ndm_state = NUD_PERMANENT});
  PutAddress(&message, NDA_DST, ip);
  message.Put(NDA_LLADDR, mac);
  socket_.Request(message.get(), "adding neighbour " + ToString(ip) + " to " +
                                     Interface(ifindex));
}

void Rtnetlink::AddRoute(const tcp::IpPrefix& destination,
                         const tcp::IpAddress& via) {
  Message message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
  message.PutHeader(
      rtmsg{.rtm_family = static_cast<std::uint8_t>(FamilyOf(via)),
            .rtm_dst_len = static_cast<std::uint8_t>(destination.length),
            .rtm_table = RT_TABLE_MAIN,
            .rtm_protocol = RTPROT_STATIC,
            .rtm_scope = RT_SCOPE_UNIVERSE,
            .rtm_type = RTN_UNICAST});
  PutAddress(&message, RTA_DST, destination.address);
  PutAddress(&message, RTA_GATEWAY, via);
  socket_.Request(message.get(), "adding route " + ToString(destination) +
                                     " via " + ToString(via));
}

void Rtnetlink::SetOffloads(const std::string& interface, bool on) {
  // The legacy commands cover what veth has; each is one ioctl of about 1 us.
  // Segmentation needs checksums, so those come first and go last.
  std::array<std::uint32_t, 4> commands = {ETHTOOL_STXCSUM, ETHTOOL_STSO,
                                           ETHTOOL_SGSO, ETHTOOL_SGRO};
  if (!on) std::reverse(commands.begin(), commands.end());
  for (std::uint32_t command : commands) {
    ethtool_value value{.cmd = command, .data = on ? 1U : 0U};
    ifreq request{};
    interface.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char*>(&value);
    if (ioctl(socket_.fd(), SIOCETHTOOL, &request) != 0) {
      ThrowErrno("turning offloads of " + interface + (on ? " on" : " off"));
    }
  }
  // TCP makes segments of many packets even so, and a qdisc has them before
  // they are parted (Linux: net/core/dev.c validate_xmit_skb()).
  Message message = LinkMessage(0, ifinfomsg{});
  message.PutString(IFLA_IFNAME, interface);
  constexpr std::uint32_t kAny = 65535;  // GSO_MAX_SEGS of every kernel
  message.Put(IFLA_GSO_MAX_SEGS, on ? kAny : 1U);
  socket_.Request(message.get(), "limiting the segments of " + interface);
}

}  // namespace finwait::netlink
