#include "held_frames.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "netlink/message.h"
#include "netns/sysctl.h"

namespace finwait::bench {
namespace {

netlink::MacAddress MacOf(const char* interface) {
  const FileDescriptor any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::copy_n(interface, std::char_traits<char>::length(interface),
              request.ifr_name);
  if (ioctl(any.get(), SIOCGIFHWADDR, &request) != 0) {
    ThrowErrno("asking for a hardware address");
  }
  netlink::MacAddress mac;
  std::copy_n(request.ifr_hwaddr.sa_data, mac.size(), mac.begin());
  return mac;
}

}  // namespace

HeldFrames::HeldFrames(const lab::Lab& lab)
    : client_(EndOf(lab, "client", "10.0.0.1")),
      server_(EndOf(lab, "server", "10.0.0.2")) {}

HeldFrames::End HeldFrames::EndOf(const lab::Lab& lab, const char* host,
                                  const char* address) {
  const netns::Namespace& ns = lab.In(host);
  // Nobody answers, nor learns from questions.
  netns::WriteSysctl(ns, "net.ipv4.conf.all.arp_ignore", "8");
  End end{.rtnl = netlink::Rtnetlink(ns),
          .ip = tcp::ParseIpAddress(address).value()};
  ns.Enter([&] {
    end.ifindex = static_cast<int>(if_nametoindex("eth0"));
    end.mac = MacOf("eth0");
  });
  return end;
}

void HeldFrames::Forget(End& end, const tcp::IpAddress& other) {
  netlink::Message message(RTM_DELNEIGH, 0);
  message.PutHeader(ndmsg{.ndm_family = AF_INET, .ndm_ifindex = end.ifindex});
  message.PutBytes(NDA_DST, other.bytes.data(), 4);
  end.rtnl.socket().Request(message.get(), "forgetting a neighbour");
}

void HeldFrames::Hold() {
  Forget(client_, server_.ip);
  Forget(server_, client_.ip);
}

void HeldFrames::Release() {
  client_.rtnl.AddNeighbour(client_.ifindex, server_.ip, server_.mac);
  server_.rtnl.AddNeighbour(server_.ifindex, client_.ip, client_.mac);
}

}  // namespace finwait::bench
