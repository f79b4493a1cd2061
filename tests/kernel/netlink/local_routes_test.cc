// Which addresses a namespace takes for its own.
#include "netlink/local_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "two_hosts.h"

namespace finwait::netlink {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

class LocalRoutes : public testing::Test {
 protected:
  static void SetUpTestSuite() { netns::EnsurePrivilege(); }
};

tcp::IpPrefix Prefix(const std::string& text) {
  return *tcp::ParseIpPrefix(text);
}

TEST_F(LocalRoutes, AreNoneWithoutAnInterfaceThatIsUp) {
  EXPECT_THAT(LocalNetworks(netns::Namespace::Create()), IsEmpty());
}

TEST_F(LocalRoutes, AreTheLoopbackAndEveryAddressOfBothFamilies) {
  const TwoHosts hosts;
  const auto networks = LocalNetworks(hosts.a.ns);
  for (const char* own :
       {"127.0.0.0/8", "::1/128", "10.0.0.1/32", "fd00::1/128"}) {
    EXPECT_THAT(networks, Contains(Prefix(own))) << own;
  }
  for (const char* others :
       {"10.0.0.0/24", "10.0.0.2/32", "fd00::2/128", "0.0.0.0/0"}) {
    EXPECT_THAT(networks, Not(Contains(Prefix(others)))) << others;
  }
}

}  // namespace
}  // namespace finwait::netlink
