// Both ends of a connection get the same name, whichever is seen first.
#include "observe/names.h"

#include <gtest/gtest.h>

namespace finwait::observe {
namespace {

tcp::SocketAddress Address(const char* ip, int port) {
  return {*tcp::ParseIpAddress(ip), static_cast<std::uint16_t>(port)};
}

tcp::FourTuple FromClient(int port) {
  return {Address("10.0.0.1", port), Address("10.0.0.2", 80)};
}

Names MakeNames(std::vector<scenario::ConnectionName> rules = {}) {
  return {std::move(rules),
          {{"client", {*tcp::ParseIpAddress("10.0.0.1")}},
           {"server", {*tcp::ParseIpAddress("10.0.0.2")}}}};
}

scenario::ConnectionName Rule(const char* name, int number, bool every) {
  scenario::ConnectionName rule{.name = name, .from = {}};
  rule.to.host = "server";
  rule.to.port = 80;
  rule.number = number;
  rule.every = every;
  return rule;
}

TEST(Names, ExpectedConnectionsAreNamedAtBothEnds) {
  Names names = MakeNames();
  names.Expect("client", Address("10.0.0.2", 80), "conn");
  EXPECT_EQ(names.NameOf("client", FromClient(40000), true), "conn");
  EXPECT_EQ(names.NameOf("server", Reversed(FromClient(40000)), false), "conn");
}

TEST(Names, TheServerMayBeReadFirst) {
  Names names = MakeNames();
  names.Expect("client", Address("10.0.0.2", 80), "conn");
  EXPECT_EQ(names.NameOf("server", Reversed(FromClient(40000)), false), "conn");
  EXPECT_EQ(names.NameOf("client", FromClient(40000), true), "conn");
}

TEST(Names, RulesCountConnections) {
  Names names = MakeNames({Rule("second", 2, false)});
  EXPECT_EQ(names.NameOf("client", FromClient(40000), true), "#1");
  EXPECT_EQ(names.NameOf("server", Reversed(FromClient(40000)), false), "#1");
  EXPECT_EQ(names.NameOf("client", FromClient(40001), true), "second");
}

TEST(Names, EveryConnectionIsNumbered) {
  Names names = MakeNames({Rule("each", 1, true)});
  EXPECT_EQ(names.NameOf("client", FromClient(40000), true), "each#1");
  EXPECT_EQ(names.NameOf("client", FromClient(40001), true), "each#2");
}

TEST(Names, TheSameAddressesAgainAreAnotherConnection) {
  Names names = MakeNames({Rule("each", 1, true)});
  names.NameOf("client", FromClient(40000), true);
  names.NameOf("server", Reversed(FromClient(40000)), false);
  EXPECT_EQ(names.NameOf("client", FromClient(40000), true), "each#2");
  EXPECT_EQ(names.NameOf("server", Reversed(FromClient(40000)), false),
            "each#2");
}

}  // namespace
}  // namespace finwait::observe
