// Addresses: text both ways, prefixes, networks.
#include "tcp/address.h"

#include <gtest/gtest.h>

#include <string>

namespace finwait::tcp {
namespace {

std::string RoundTrip(std::string_view text) {
  auto address = ParseIpAddress(text);
  return address ? ToString(*address) : "nothing";
}

std::string Network(std::string_view text) {
  auto prefix = ParseIpPrefix(text);
  return prefix ? ToString(NetworkOf(*prefix)) : "nothing";
}

TEST(Address, IsReadAndWritten) {
  EXPECT_EQ(RoundTrip("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(RoundTrip("fd00:0:0::1"), "fd00::1");
  EXPECT_EQ(RoundTrip("::"), "::");
  EXPECT_EQ(ParseIpAddress("10.0.0.1")->family, Family::kIpv4);
  EXPECT_EQ(ParseIpAddress("fd00::1")->family, Family::kIpv6);
}

TEST(Address, IsIpv4WhenMappedIntoIpv6) {
  EXPECT_EQ(ParseIpAddress("::ffff:10.0.0.1"), ParseIpAddress("10.0.0.1"));
}

TEST(Address, IsRefusedWhenItIsNotOne) {
  using namespace std::string_view_literals;
  for (std::string_view text :
       {""sv, "10.0.0"sv, "10.0.0.256"sv, "fd00::1::2"sv, "server"sv,
        "10.0.0.1 "sv, "10.0.0.1\0x"sv}) {
    EXPECT_FALSE(ParseIpAddress(text).has_value()) << text;
  }
}

TEST(Prefix, IsReadAndWritten) {
  EXPECT_EQ(ToString(*ParseIpPrefix("10.0.0.1/24")), "10.0.0.1/24");
  EXPECT_EQ(ToString(*ParseIpPrefix("fd00::1/64")), "fd00::1/64");
}

TEST(Prefix, IsRefusedWhenItIsNotOne) {
  for (std::string_view text :
       {"10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/24x",
        "fd00::/129", "/24", "10.0.0.1/24/24"}) {
    EXPECT_FALSE(ParseIpPrefix(text).has_value()) << text;
  }
}

TEST(Prefix, LiesInItsNetwork) {
  EXPECT_EQ(Network("10.1.2.3/24"), "10.1.2.0/24");
  EXPECT_EQ(Network("10.1.2.255/29"), "10.1.2.248/29");
  EXPECT_EQ(Network("10.1.2.3/32"), "10.1.2.3/32");
  EXPECT_EQ(Network("10.1.2.3/0"), "0.0.0.0/0");
  EXPECT_EQ(Network("fd00:1:2:3::4/61"), "fd00:1:2::/61");
}

TEST(Prefix, ContainsAddressesOfItsFamily) {
  IpPrefix network = *ParseIpPrefix("10.0.1.1/24");
  EXPECT_TRUE(Contains(network, *ParseIpAddress("10.0.1.200")));
  EXPECT_FALSE(Contains(network, *ParseIpAddress("10.0.2.1")));
  EXPECT_FALSE(Contains(*ParseIpPrefix("::/0"), *ParseIpAddress("10.0.1.200")));
}

TEST(SocketAddress, PutsIpv6InBrackets) {
  EXPECT_EQ(ToString(SocketAddress{*ParseIpAddress("10.0.0.1"), 80}),
            "10.0.0.1:80");
  EXPECT_EQ(ToString(SocketAddress{*ParseIpAddress("fd00::1"), 7000}),
            "[fd00::1]:7000");
}

TEST(FourTuple, IsSeenTheOtherWayRoundByThePeer) {
  FourTuple tuple{{*ParseIpAddress("10.0.0.1"), 1},
                  {*ParseIpAddress("10.0.0.2"), 2}};
  EXPECT_EQ(Reversed(tuple).local, tuple.remote);
  EXPECT_EQ(Reversed(Reversed(tuple)), tuple);
}

}  // namespace
}  // namespace finwait::tcp
