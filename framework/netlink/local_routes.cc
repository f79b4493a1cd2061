// Lists routes of type local, from whatever table (rtnetlink(7)).
#include "netlink/local_routes.h"

#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "netlink/message.h"
#include "netlink/socket.h"

namespace finwait::netlink {
namespace {

std::optional<tcp::IpPrefix> LocalNetworkIn(nlmsghdr* answer) {
  const auto* route = static_cast<const rtmsg*>(nlmsg_data(answer));
  if (route->rtm_type != RTN_LOCAL) return std::nullopt;
  tcp::IpPrefix network;
  network.address.family =
      route->rtm_family == AF_INET6 ? tcp::Family::kIpv6 : tcp::Family::kIpv4;
  network.length = route->rtm_dst_len;
  const nlattr* destination = nlmsg_find_attr(answer, sizeof(rtmsg), RTA_DST);
  if (destination != nullptr) {
    const auto size = static_cast<std::size_t>(nla_len(destination));
    std::memcpy(network.address.bytes.data(), nla_data(destination),
                std::min(size, network.address.bytes.size()));
  }
  return network;
}

}  // namespace

std::vector<tcp::IpPrefix> LocalNetworks(const netns::Namespace& ns) {
  std::vector<tcp::IpPrefix> networks;
  Socket socket(ns, NETLINK_ROUTE);
  for (const int family : {AF_INET, AF_INET6}) {
    Message message(RTM_GETROUTE, NLM_F_DUMP);
    message.PutHeader(rtmsg{.rtm_family = static_cast<std::uint8_t>(family)});
    socket.Query(message.get(), "listing local routes", [&](nlmsghdr* answer) {
      if (const auto network = LocalNetworkIn(answer)) {
        networks.push_back(*network);
      }
    });
  }
  return networks;
}

}  // namespace finwait::netlink
