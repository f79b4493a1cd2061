// Links as the kernel has them afterwards, and that the host has none.
#include "netlink/link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/resource.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "two_hosts.h"

namespace finwait::netlink {
namespace {

std::set<std::string> Interfaces() {
  std::set<std::string> names;
  struct if_nameindex* all = if_nameindex();
  for (auto* one = all; one->if_index != 0; ++one) names.insert(one->if_name);
  if_freenameindex(all);
  return names;
}

class LinkTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { netns::EnsurePrivilege(); }
};

TEST_F(LinkTest, VethEndsAreBornInTheirNamespaces) {
  std::set<std::string> before = Interfaces();
  TwoHosts hosts;
  EXPECT_EQ(hosts.a.ns.In([] { return if_nametoindex("eth0"); }), 100U);
  EXPECT_EQ(hosts.b.ns.In([] { return if_nametoindex("eth0"); }), 101U);
  EXPECT_EQ(Interfaces(), before) << "the host's interfaces changed";
}

// Without the barriers a share of the first connections takes a second more,
// the time of a lost SYN: so many attempts that one would show.
TEST_F(LinkTest, TheFirstConnectionIsNeverSlow) {
  for (int i = 0; i < 40; ++i) {
    TwoHosts hosts;
    std::string net = i % 2 == 0 ? "10.0.0." : "fd00::";
    tcp::SocketAddress server{Ip(net + "2"), 7000};
    FileDescriptor listener = Listen(hosts.b, server);
    TimePoint begin = MonotonicClock::now();
    Connect(hosts.a, {Ip(net + "1"), 0}, server);
    EXPECT_LT(MonotonicClock::now() - begin, std::chrono::milliseconds(900));
  }
}

TEST_F(LinkTest, RoutesLeadThroughARouter) {
  Host client;
  Host router;
  Host server;
  client.rtnl->CreateVeth({&client.ns, "eth0", {2, 0, 0, 0, 1, 1}, 100},
                          {&router.ns, "eth0", {2, 0, 0, 0, 1, 2}, 101}, 1500);
  router.rtnl->CreateVeth({&router.ns, "eth1", {2, 0, 0, 0, 2, 1}, 102},
                          {&server.ns, "eth0", {2, 0, 0, 0, 2, 2}, 103}, 1500);
  struct End {
    Host* host;
    int ifindex;
    std::string address;
  };
  std::vector<End> ends = {{&client, 100, "10.1.0.1"},
                           {&router, 101, "10.1.0.2"},
                           {&router, 102, "10.2.0.1"},
                           {&server, 103, "10.2.0.2"}};
  for (const End& end : ends) {
    end.host->rtnl->SetUp(end.ifindex, true);
    end.host->rtnl->AddAddress(end.ifindex,
                               *tcp::ParseIpPrefix(end.address + "/24"));
  }
  for (const End& end : ends) end.host->rtnl->WaitOperational(end.ifindex);
  client.rtnl->AddRoute(*tcp::ParseIpPrefix("0.0.0.0/0"), Ip("10.1.0.2"));
  server.rtnl->AddRoute(*tcp::ParseIpPrefix("10.1.0.0/24"), Ip("10.2.0.1"));
  netns::WriteSysctl(router.ns, "net.ipv4.ip_forward", "1");
  tcp::SocketAddress address{Ip("10.2.0.2"), 7000};
  FileDescriptor listener = Listen(server, address);
  EXPECT_TRUE(Connect(client, {Ip("10.1.0.1"), 0}, address).valid());
}

TEST_F(LinkTest, ABridgeJoinsItsPorts) {
  Host middle;
  Host a;
  Host b;
  try {
    middle.rtnl->CreateBridge("br0", 200);
  } catch (const Error& e) {
    GTEST_SKIP() << e.what();
  }
  int index = 100;
  for (Host* host : {&a, &b}) {
    auto n = static_cast<std::uint8_t>(index);
    middle.rtnl->CreateVeth(
        {&middle.ns, "port" + std::to_string(index), {2, 0, 0, 0, 3, n}, index},
        {&host->ns, "eth0", {2, 0, 0, 0, 4, n}, index + 10}, 1500);
    middle.rtnl->Enslave(index, 200);
    middle.rtnl->SetUp(index, true);
    host->rtnl->SetUp(index + 10, true);
    host->rtnl->AddAddress(
        index + 10,
        *tcp::ParseIpPrefix("10.0.0." + std::to_string(index) + "/24"));
    ++index;
  }
  middle.rtnl->SetUp(200, true);
  for (int ifindex : {100, 101, 200}) middle.rtnl->WaitOperational(ifindex);
  a.rtnl->WaitOperational(110);
  b.rtnl->WaitOperational(111);
  tcp::SocketAddress address{Ip("10.0.0.101"), 7000};
  FileDescriptor listener = Listen(b, address);
  EXPECT_TRUE(Connect(a, {Ip("10.0.0.100"), 0}, address).valid());
}

TEST_F(LinkTest, RefusalsCarryTheRequestAndTheKernelsWords) {
  TwoHosts hosts;
  try {
    hosts.a.rtnl->AddRoute(*tcp::ParseIpPrefix("10.9.0.0/24"), Ip("10.8.0.1"));
    FAIL() << "an unreachable gateway was taken";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ENETUNREACH);
    EXPECT_THAT(e.what(), testing::HasSubstr("10.9.0.0/24 via 10.8.0.1"));
    EXPECT_THAT(e.what(), testing::HasSubstr("Nexthop has invalid gateway"));
  }
  // The socket is usable afterwards.
  hosts.a.rtnl->AddRoute(*tcp::ParseIpPrefix("10.9.0.0/24"), Ip("10.0.0.2"));
}

TEST_F(LinkTest, OffloadsGoOffAndOn) {
  TwoHosts hosts;
  hosts.a.rtnl->SetOffloads("eth0", false);
  hosts.a.rtnl->SetOffloads("eth0", true);
  hosts.b.rtnl->SetOffloads("eth0", false);
  EXPECT_THROW(hosts.a.rtnl->SetOffloads("eth7", false), Error);
}

TEST_F(LinkTest, MoveAssignmentKeepsTheNamespace) {
  TwoHosts hosts;
  Rtnetlink rtnl(hosts.a.ns);
  rtnl = Rtnetlink(hosts.b.ns);
  EXPECT_THROW(rtnl.SetUp(kLeftIndex, true), Error);
  rtnl.SetUp(kRightIndex, true);
}

// More sockets than libnl has port numbers of its own (1024).
// More than the 1024 descriptors that a shell allows at first.
void AllowManyDescriptors() {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

TEST_F(LinkTest, ManySocketsOfOneProcess) {
  AllowManyDescriptors();
  netns::Namespace ns = netns::Namespace::Create();
  std::vector<Rtnetlink> sockets;
  ns.Enter([&] {
    for (int i = 0; i < 1100; ++i) sockets.emplace_back(ns);
  });
  sockets.front().LoopbackUp();
  sockets.back().LoopbackUp();
}

}  // namespace
}  // namespace finwait::netlink
