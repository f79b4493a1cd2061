// Networks as text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/terminal.h"

namespace finwait::report {
namespace {

using scenario::HostKind;
using scenario::Topology;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

scenario::Interface End(std::string host, std::string name,
                        const std::vector<std::string>& addresses) {
  scenario::Interface end;
  end.host = std::move(host);
  end.name = std::move(name);
  for (const auto& address : addresses) {
    end.addresses.push_back(*tcp::ParseIpPrefix(address));
  }
  return end;
}

Topology TwoHosts() {
  Topology topology;
  topology.name = "two-hosts";
  topology.title = "Two hosts on one cable";
  topology.hosts = {{.name = "client"}, {.name = "server"}};
  topology.links = {{End("client", "eth0", {"10.0.0.1/24", "fd00::1/64"}),
                     End("server", "eth0", {"10.0.0.2/24", "fd00::2/64"})}};
  return topology;
}

TEST(DrawTopology, OneLink) {
  EXPECT_EQ(DrawTopology(TwoHosts(), {}),
            R"(two-hosts: Two hosts on one cable

┌────────┐                            ┌────────┐
│ client ├ eth0 ──────────────── eth0 ┤ server │
└────────┘ 10.0.0.1/24    10.0.0.2/24 └────────┘
           fd00::1/64      fd00::2/64
)");
}

TEST(DrawTopology, SaysWhatIsSpecial) {
  Topology topology = TwoHosts();
  topology.hosts[1].kind = HostKind::kRouter;
  topology.hosts[0].sysctls.push_back({"net.ipv4.tcp_fin_timeout", "20", {}});
  topology.links[0].mtu = 9000;
  topology.links[0].offload = false;
  std::string text = DrawTopology(topology, {});
  EXPECT_THAT(text, HasSubstr(" mtu 9000 "));
  EXPECT_THAT(text, HasSubstr(" no offload "));
  EXPECT_THAT(text, HasSubstr("  server (router)\n"));
  EXPECT_THAT(text, HasSubstr("    net.ipv4.tcp_fin_timeout = 20\n"));
}

TEST(DrawTopology, ShowsImpairments) {
  scenario::InitialImpairment slow;
  slow.end = "client:eth0";
  slow.impairment.delay = 10ms;
  EXPECT_THAT(DrawTopology(TwoHosts(), {}, {slow}),
              HasSubstr("    what leaves client:eth0: delay 10ms"));
}

TEST(DrawTopology, SumsUpTheLeavesOfALargeNetwork) {
  Topology topology;
  topology.name = "lan";
  topology.hosts.push_back({.name = "switch", .kind = HostKind::kBridge});
  for (int n = 1; n <= 20; ++n) {
    std::string number = std::to_string(n);
    topology.hosts.push_back({.name = "host" + number});
    topology.links.push_back(
        {End("host" + number, "eth0", {"10.0.0." + number + "/16"}),
         End("switch", "eth" + number, {})});
  }
  std::string text = DrawTopology(topology, {});
  EXPECT_THAT(text, HasSubstr("switch ── 20 hosts: host1 (10.0.0.1/16) to "
                              "host20 (10.0.0.20/16)\n"));
  EXPECT_THAT(text, Not(HasSubstr("┌")));
}

}  // namespace
}  // namespace finwait::report
