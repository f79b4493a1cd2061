// Topologies: those that ship, their routes, and what is wrong with others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "folders.h"
#include "scenario/load.h"

namespace finwait::scenario {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Topology Load(const std::string& name) {
  auto loaded = LoadTopology(Topologies() / (name + ".toml"));
  for (const auto& d : loaded.diagnostics) ADD_FAILURE() << ToString(d);
  return loaded.topology;
}

// A scenario with this topology inline.
Loaded Inline(const std::string& topology) {
  return ParseScenario("title = \"t\"\n" + topology, "f", {Topologies()});
}

std::vector<std::string> Lines(const Loaded& loaded) {
  std::vector<std::string> lines;
  for (const auto& d : loaded.diagnostics) lines.push_back(ToString(d));
  return lines;
}

std::vector<std::string> RoutesOf(const Topology& topology,
                                  const std::string& host) {
  std::vector<std::string> routes;
  for (const Route& route : topology.routes) {
    if (route.host != host) continue;
    routes.push_back(ToString(route.destination) + " via " +
                     ToString(route.via));
  }
  return routes;
}

TEST(Topologies, AllLoad) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(Topologies())) {
    auto topology = Load(entry.path().stem());
    EXPECT_FALSE(topology.title.empty()) << entry.path();
    EXPECT_FALSE(topology.links.empty()) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 5);
}

TEST(Topologies, TwoHostsNeedNoRoutes) {
  Topology topology = Load("two-hosts");
  EXPECT_EQ(topology.name, "two-hosts");
  EXPECT_THAT(topology.routes, IsEmpty());
  ASSERT_NE(topology.FindEnd("client:eth0"), nullptr);
  EXPECT_EQ(topology.FindEnd("client:eth1"), nullptr);
  ASSERT_EQ(topology.AddressesOf("server").size(), 2u);
  EXPECT_EQ(tcp::ToString(topology.AddressesOf("server")[0]), "10.0.0.2");
}

TEST(Topologies, HostsReachEachOtherThroughARouter) {
  Topology topology = Load("client-router-server");
  EXPECT_THAT(RoutesOf(topology, "client"),
              UnorderedElementsAre("10.0.2.0/24 via 10.0.1.254",
                                   "fd00:2::/64 via fd00:1::fe"));
  EXPECT_THAT(RoutesOf(topology, "router"), IsEmpty());
}

TEST(Topologies, RoutersKnowWhatIsBehindTheNextOne) {
  Topology topology = Load("three-hops");
  EXPECT_THAT(RoutesOf(topology, "client"),
              UnorderedElementsAre(
                  "10.0.2.0/24 via 10.0.1.254", "10.0.3.0/24 via 10.0.1.254",
                  "fd00:2::/64 via fd00:1::fe", "fd00:3::/64 via fd00:1::fe"));
  EXPECT_THAT(RoutesOf(topology, "r2"),
              UnorderedElementsAre("10.0.1.0/24 via 10.0.2.1",
                                   "fd00:1::/64 via fd00:2::1"));
}

TEST(Topologies, ALanHasAsManyHostsAsAskedFor) {
  auto loaded = Inline("topology = { use = \"lan\", hosts = 300 }\n");
  ASSERT_THAT(Lines(loaded), IsEmpty());
  const Topology& topology = loaded.cases.at(0).topology;
  EXPECT_EQ(topology.hosts.size(), 301u);
  EXPECT_EQ(topology.links.size(), 300u);
  auto addresses = topology.AddressesOf("host257");
  ASSERT_EQ(addresses.size(), 2u);
  EXPECT_EQ(tcp::ToString(addresses[0]), "10.0.1.1");
  EXPECT_EQ(tcp::ToString(addresses[1]), "fd00::101");
  EXPECT_THAT(topology.routes, IsEmpty());
}

TEST(Topologies, ARouteByHandReplacesTheAutomaticOnes) {
  auto loaded = LoadTopology(SourceTree() /
                             "tests/unit/scenario/every_topology_key.toml");
  ASSERT_THAT(loaded.diagnostics, IsEmpty());
  EXPECT_THAT(RoutesOf(loaded.topology, "far"),
              ElementsAre("0.0.0.0/0 via 192.168.0.1"));
  // Across the bridge, which is transparent.
  EXPECT_THAT(RoutesOf(loaded.topology, "host2"),
              ElementsAre("192.168.0.0/24 via 10.0.255.254"));
  EXPECT_EQ(loaded.topology.links.back().a.name, "eth0");
  EXPECT_FALSE(loaded.topology.links.front().b.name.empty());
}

TEST(BadTopologies, NameUnknownParameters) {
  EXPECT_THAT(Lines(Inline("topology = { use = \"lan\", host = 20 }\n")),
              ElementsAre("f:2:27: topology 'lan' has no parameter 'host': did "
                          "you mean 'hosts'?"));
}

// Two hosts and one link; the addresses are the parameters.
std::string Link(const std::string& from, const std::string& to) {
  return "[topology.host.a]\n[topology.host.b]\n[[topology.link]]\n"
         "from = { host = \"a\"," +
         from + "}\nto = { host = \"b\"," + to + "}\n";
}

TEST(BadTopologies, HaveAddressesThatDoNotFitTheLink) {
  EXPECT_THAT(Lines(Inline(Link("addresses = [\"10.0.0.1/24\"]",
                                "addresses = [\"10.0.1.2/24\"]"))),
              ElementsAre("f:5:8: address 10.0.0.1/24 of a:eth0 does not fit "
                          "the link: give the other end an address in "
                          "10.0.0.0/24, too",
                          "f:6:6: address 10.0.1.2/24 of b:eth0 does not fit "
                          "the link: give the other end an address in "
                          "10.0.1.0/24, too"));
}

TEST(BadTopologies, HaveTheSameAddressTwice) {
  EXPECT_THAT(Lines(Inline(Link("addresses = [\"10.0.0.1/24\"]",
                                "addresses = [\"10.0.0.1/24\"]"))),
              ElementsAre("f:6:6: address 10.0.0.1 is taken by a:eth0: give "
                          "each interface an address of its own"));
}

TEST(BadTopologies, HaveTheSameInterfaceTwice) {
  std::string second =
      "[[topology.link]]\nfrom = { host = \"a\", interface = \"eth0\" }\n"
      "to = { host = \"b\" }\n";
  EXPECT_THAT(Lines(Inline(Link("addresses = []", "addresses = []") + second)),
              ElementsAre("f:8:8: second interface 'a:eth0': write interface "
                          "= \"eth1\""));
}

TEST(BadTopologies, LinkUndeclaredHosts) {
  EXPECT_THAT(
      Lines(Inline("[topology.host.client]\n[topology.host.server]\n"
                   "[[topology.link]]\nfrom = { host = \"cleint\" }\n"
                   "to = { host = \"server\" }\n")),
      ElementsAre("f:5:17: 'host' is \"cleint\", which is no declared host: "
                  "declare [host.cleint], or: did you mean 'client'?"));
}

TEST(BadTopologies, RouteToStrangers) {
  EXPECT_THAT(
      Lines(Inline(Link("addresses = [\"10.0.0.1/24\"]",
                        "addresses = [\"10.0.0.2/24\"]") +
                   "[[topology.route]]\nhost = \"a\"\nto = \"default\"\nvia = "
                   "\"10.9.0.1\"\n")),
      ElementsAre("f:7:1: host 'a' has no link to 10.9.0.1: 'via' must be a "
                  "neighbour's address"));
}

}  // namespace
}  // namespace finwait::scenario
