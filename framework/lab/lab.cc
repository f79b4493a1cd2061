// Builds a Topology. The order is the one in which the kernel does each step
// without waiting: links are created in place, brought up before addresses
// exist, and nothing is ever moved or deleted.
#include "lab/lab.h"

#include <algorithm>
#include <future>

#include "base/error.h"
#include "netlink/qdisc.h"
#include "netns/sysctl.h"

namespace finwait::lab {
namespace {

using scenario::HostKind;

constexpr int kBridgeIndex = 100;
constexpr int kFirstIndex = 101;
constexpr char kBridgeName[] = "br0";

// Above this many ends on one Ethernet, neighbours are left to ARP and ND:
// introducing everyone to everyone grows with the square.
constexpr std::size_t kMaxIntroductions = 32;

constexpr std::size_t kBuilders = 2;

// Locally administered, unicast, and readable in a capture: 02:HH:HH:00:00:II.
netlink::MacAddress MacOf(std::size_t host, int ifindex) {
  return {0x02,
          static_cast<std::uint8_t>(host >> 8),
          static_cast<std::uint8_t>(host),
          0,
          0,
          static_cast<std::uint8_t>(ifindex)};
}

std::vector<netns::SysctlSetting> SettingsOf(const scenario::Host& host,
                                             const netns::Namespace& ns) {
  std::vector<netns::SysctlSetting> settings;
  // A new namespace inherits the host's choice of congestion control; a
  // result must not depend on it. Reno is the one that every kernel has and
  // lets every namespace choose.
  settings.push_back({"net.ipv4.tcp_congestion_control", "reno"});
  // Interfaces have exactly the addresses of the topology, and tell no router
  // of their groups at random times: in virtual time everything else is exact.
  for (const auto& [name, value] :
       {std::pair("addr_gen_mode", "1"),  // IN6_ADDR_GEN_MODE_NONE
        std::pair("mldv1_unsolicited_report_interval", "0"),
        std::pair("mldv2_unsolicited_report_interval", "0")}) {
    const std::string sysctl = std::string("net.ipv6.conf.default.") + name;
    if (netns::ReadSysctl(ns, sysctl)) settings.push_back({sysctl, value});
  }
  if (host.kind == HostKind::kRouter) {
    settings.push_back({"net.ipv4.ip_forward", "1"});
    if (netns::ReadSysctl(ns, "net.ipv6.conf.all.forwarding")) {
      settings.push_back({"net.ipv6.conf.all.forwarding", "1"});
    }
  }
  for (const scenario::Sysctl& sysctl : host.sysctls) {
    settings.push_back({sysctl.name, sysctl.value});
  }
  return settings;
}

}  // namespace

struct Lab::Host {
  const scenario::Host* spec;
  std::size_t number;
  std::unique_ptr<netlink::Rtnetlink> rtnl;
  std::unique_ptr<netlink::SockDiag> diag;
  std::vector<std::string> interfaces;
  int next_index = kFirstIndex;
  netns::Namespace ns;  // last: its creation fills in the above

  Host(const scenario::Host& host, std::size_t n)
      : spec(&host),
        number(n),
        ns(netns::Namespace::Create([&](const auto& in) { Prepare(in); })) {
    // From the caller's own namespace: what it alone has is global.
    netns::WriteSysctls(ns, SettingsOf(*spec, ns));
  }

 private:
  void Prepare(const netns::Namespace& in) {
    rtnl = std::make_unique<netlink::Rtnetlink>(in);
    diag = std::make_unique<netlink::SockDiag>(in);
    rtnl->LoopbackUp();
    if (spec->kind == HostKind::kBridge) {
      rtnl->CreateBridge(kBridgeName, kBridgeIndex);
      rtnl->DisableAutomaticIpv6(kBridgeIndex);
    }
  }
};

struct Lab::End {
  const scenario::Interface* spec;
  Host* host;
  std::string peer;  // the other end's name
  int ifindex;
  netlink::MacAddress mac;
  std::unique_ptr<netlink::PacketFilter> filter;  // made when first needed
};

Lab::Lab(const scenario::Topology& topology) : topology_(topology) {
  BuildHosts();
  BuildLinks();
  AddAddressesAndRoutes();
  IntroduceNeighbours();
  WaitUsable();
}

Lab::Lab(Lab&&) noexcept = default;
Lab& Lab::operator=(Lab&&) noexcept = default;
Lab::~Lab() = default;

// Making a namespace keeps a core busy for half a millisecond, most of it
// outside any lock: two do it in half the time, more do not help.
void Lab::BuildHosts() {
  for (const scenario::Host& host : topology_.hosts) hosts_[host.name];
  const auto build = [this](std::size_t first) {
    for (std::size_t n = first; n < topology_.hosts.size(); n += kBuilders) {
      const scenario::Host& host = topology_.hosts[n];
      While("building host " + host.name, [&] {
        hosts_.at(host.name) = std::make_unique<Host>(host, n + 1);
      });
    }
  };
  std::vector<std::future<void>> builders;
  for (std::size_t n = 1; n < kBuilders; ++n) {
    builders.push_back(std::async(std::launch::async, build, n));
  }
  build(0);
  for (auto& builder : builders) builder.get();
}

void Lab::BuildLinks() {
  const auto make_end = [&](const scenario::Interface& interface,
                            const scenario::Interface& peer) {
    Host& host = HostOf(interface.host);
    const int ifindex = host.next_index++;
    host.interfaces.push_back(interface.name);
    return ends_
        .emplace(EndName(interface),
                 End{&interface, &host, EndName(peer), ifindex,
                     MacOf(host.number, ifindex), nullptr})
        .first;
  };
  const auto prepare = [](const End& end, bool offload) {
    netlink::Rtnetlink& rtnl = *end.host->rtnl;
    if (end.host->spec->kind == HostKind::kBridge) {
      rtnl.Enslave(end.ifindex, kBridgeIndex);
    }
    rtnl.DisableAutomaticIpv6(end.ifindex);
    if (!offload) rtnl.SetOffloads(end.spec->name, false);
    rtnl.SetUp(end.ifindex, true);
  };
  for (const scenario::Link& link : topology_.links) {
    While("building link " + EndName(link.a) + " to " + EndName(link.b), [&] {
      const End& a = make_end(link.a, link.b)->second;
      const End& b = make_end(link.b, link.a)->second;
      a.host->rtnl->CreateVeth({&a.host->ns, a.spec->name, a.mac, a.ifindex},
                               {&b.host->ns, b.spec->name, b.mac, b.ifindex},
                               link.mtu);
      prepare(a, link.offload);
      prepare(b, link.offload);
    });
  }
  // Only now: a bridge that is up floods every multicast of a new port to all
  // others.
  for (const auto& [name, host] : hosts_) {
    if (host->spec->kind == HostKind::kBridge) {
      host->rtnl->SetUp(kBridgeIndex, true);
    }
  }
  for (const auto& [name, end] : ends_) {
    end.host->rtnl->WaitOperational(end.ifindex);
  }
}

void Lab::AddAddressesAndRoutes() {
  for (const auto& [name, end] : ends_) {
    for (const tcp::IpPrefix& address : end.spec->addresses) {
      While("giving " + name + " " + ToString(address),
            [&, &e = end] { e.host->rtnl->AddAddress(e.ifindex, address); });
    }
  }
  for (const scenario::Route& route : topology_.routes) {
    While("adding a route on " + route.host + " to " +
              ToString(route.destination),
          [&] {
            HostOf(route.host).rtnl->AddRoute(route.destination, route.via);
          });
  }
}

// Everyone on one Ethernet learns the others' addresses for good, so that
// neither ARP nor ND is in a capture or in a timing.
void Lab::IntroduceNeighbours() {
  std::map<tcp::IpPrefix, std::vector<const End*>> networks;
  for (const auto& [name, end] : ends_) {
    for (const tcp::IpPrefix& address : end.spec->addresses) {
      networks[NetworkOf(address)].push_back(&end);
    }
  }
  for (const auto& [network, members] : networks) {
    if (members.size() > kMaxIntroductions) continue;
    for (const End* one : members) {
      for (const End* other : members) {
        if (one == other) continue;
        for (const tcp::IpPrefix& address : other->spec->addresses) {
          if (NetworkOf(address) != network) continue;
          one->host->rtnl->AddNeighbour(one->ifindex, address.address,
                                        other->mac);
        }
      }
    }
  }
}

void Lab::WaitUsable() {
  for (const auto& [name, end] : ends_) {
    for (const tcp::IpPrefix& address : end.spec->addresses) {
      if (address.address.family == tcp::Family::kIpv6) {
        end.host->rtnl->WaitAddressUsable(address.address);
      }
    }
  }
}

Lab::Host& Lab::HostOf(const std::string& name) { return *hosts_.at(name); }
const Lab::Host& Lab::HostOf(const std::string& name) const {
  return *hosts_.at(name);
}
Lab::End& Lab::EndOf(const std::string& end) { return ends_.at(end); }

const netns::Namespace& Lab::In(const std::string& host) const {
  return HostOf(host).ns;
}

netlink::SockDiag& Lab::Diag(const std::string& host) {
  return *HostOf(host).diag;
}

void Lab::Impair(const std::string& name,
                 const scenario::Impairment& impairment) {
  End& end = EndOf(name);
  While("impairing " + name, [&] {
    if (impairment == scenario::Impairment{}) {
      netlink::RemoveImpairment(*end.host->rtnl, end.ifindex);
    } else {
      netlink::SetImpairment(*end.host->rtnl, end.ifindex, impairment);
    }
  });
}

void Lab::SetLink(const std::string& name, bool up) {
  End& end = EndOf(name);
  While("setting link " + name + (up ? " up" : " down"), [&] {
    end.host->rtnl->SetUp(end.ifindex, up);
    if (up) end.host->rtnl->WaitOperational(end.ifindex);
  });
}

netlink::PacketFilter& Lab::FilterBehind(const std::string& name) {
  End& far = EndOf(EndOf(name).peer);
  if (!far.filter) {
    far.filter =
        std::make_unique<netlink::PacketFilter>(far.host->ns, far.spec->name);
  }
  return *far.filter;
}

void Lab::Drop(const scenario::Drop& drop) {
  netlink::DropRule rule{.flags = drop.flags,
                         .pure_ack = drop.pure_ack,
                         .to = std::nullopt,
                         .number = drop.number};
  While("dropping segments that leave " + drop.end, [&] {
    netlink::PacketFilter& filter = FilterBehind(drop.end);
    if (!drop.to) return filter.Drop(rule);
    for (const tcp::IpAddress& address : topology_.AddressesOf(*drop.to)) {
      rule.to = address;
      filter.Drop(rule);
    }
  });
}

void Lab::Blackhole(const std::string& end) {
  While("making a black hole behind " + end,
        [&] { FilterBehind(end).DropAll(); });
}

void Lab::Restore(const std::string& end) {
  While("lifting the drops behind " + end, [&] { FilterBehind(end).Clear(); });
}

// Those whose frames arrive at `end`: its peer, or if that is a bridge, those
// at the bridge's other ports.
std::vector<netlink::MacAddress> Lab::StationsBeyond(
    const std::string& end) const {
  const std::string& peer = ends_.at(end).peer;
  const End& far = ends_.at(peer);
  if (far.host->spec->kind != HostKind::kBridge) return {far.mac};
  std::vector<netlink::MacAddress> stations;
  for (const std::string& port : far.host->interfaces) {
    const std::string other = far.host->spec->name + ":" + port;
    if (other == peer) continue;
    const auto behind = StationsBeyond(other);
    stations.insert(stations.end(), behind.begin(), behind.end());
  }
  return stations;
}

// A vantage for each: a bridge may have a thousand, and opening and closing
// them goes side by side then.
void Lab::AddPorts(const Host& bridge,
                   std::vector<observe::Vantage>& vantages) const {
  for (const std::string& port : bridge.interfaces) {
    observe::Vantage& vantage = vantages.emplace_back();
    vantage.host = bridge.spec->name;
    vantage.ns = &bridge.ns;
    vantage.interfaces = {port};
    vantage.beyond = StationsBeyond(vantage.host + ":" + port);
  }
}

std::vector<observe::Vantage> Lab::Vantages(bool bridges) const {
  std::vector<observe::Vantage> vantages;
  for (const auto& [name, host] : hosts_) {
    if (host->spec->kind == HostKind::kBridge) {
      if (bridges) AddPorts(*host, vantages);
      continue;
    }
    observe::Vantage vantage{.host = name,
                             .ns = &host->ns,
                             .interfaces = host->interfaces,
                             .addresses = topology_.AddressesOf(name)};
    vantage.interfaces.push_back("lo");
    vantages.push_back(std::move(vantage));
  }
  return vantages;
}

std::optional<tcp::IpAddress> Lab::AddressOf(const std::string& host,
                                             const std::string& from,
                                             tcp::Family family) const {
  const auto of_family = [&](const scenario::Interface& interface) {
    std::vector<tcp::IpPrefix> addresses = interface.addresses;
    std::erase_if(addresses, [&](const tcp::IpPrefix& a) {
      return a.address.family != family;
    });
    return addresses;
  };
  std::vector<tcp::IpPrefix> candidates;
  std::vector<tcp::IpPrefix> own;
  for (const auto& link : topology_.links) {
    for (const auto* interface : {&link.a, &link.b}) {
      auto addresses = of_family(*interface);
      auto& list = interface->host == host ? candidates : own;
      if (interface->host != host && interface->host != from) continue;
      list.insert(list.end(), addresses.begin(), addresses.end());
    }
  }
  for (const tcp::IpPrefix& candidate : candidates) {
    for (const tcp::IpPrefix& mine : own) {
      if (NetworkOf(candidate) == NetworkOf(mine)) return candidate.address;
    }
  }
  if (candidates.empty()) return std::nullopt;
  return candidates.front().address;
}

}  // namespace finwait::lab
