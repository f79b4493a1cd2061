// Reading timelines.
#include "tcp/timeline.h"

#include <gtest/gtest.h>

namespace finwait::tcp {
namespace {

TEST(FlagNames, JoinTheFlagsThatAreSet) {
  EXPECT_EQ(FlagNames(kSyn), "SYN");
  EXPECT_EQ(FlagNames(kFin | kAck), "FIN|ACK");
  EXPECT_EQ(FlagNames(kAck | kRst), "RST|ACK");
  EXPECT_EQ(FlagNames(kPsh | kAck), "PSH|ACK");
  EXPECT_EQ(FlagNames(kSyn | kEce | kCwr), "SYN|ECE|CWR");
  EXPECT_EQ(FlagNames(0), "none");
}

TEST(Timeline, FindsAnEndpointByHostAndConnection) {
  Timeline timeline;
  timeline.endpoints.resize(2);
  timeline.endpoints[0].host = "client";
  timeline.endpoints[0].connection = "conn";
  timeline.endpoints[1].host = "server";
  timeline.endpoints[1].connection = "conn";
  EXPECT_EQ(timeline.Find("server", "conn"), &timeline.endpoints[1]);
  EXPECT_EQ(timeline.Find("server", "other"), nullptr);
  EXPECT_EQ(timeline.Find("router", "conn"), nullptr);
}

TEST(Timeline, EndpointIsWhereItsLastTransitionLed) {
  EndpointTimeline endpoint;
  EXPECT_EQ(endpoint.state(), TcpState::kClosed);
  endpoint.transitions.push_back(
      {.from = TcpState::kClosed, .to = TcpState::kSynSent});
  EXPECT_EQ(endpoint.state(), TcpState::kSynSent);
}

}  // namespace
}  // namespace finwait::tcp
