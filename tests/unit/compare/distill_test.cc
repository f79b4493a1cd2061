// What is kept of a run, and what is left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/behaviour.h"
#include "unit/timeline_builder.h"

namespace finwait::compare {
namespace {

using finwait::testing::TimelineBuilder;
using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::SizeIs;
using namespace std::chrono_literals;
using enum tcp::TcpState;

Behaviour Distilled(const TimelineBuilder& run) {
  judge::Result result;
  result.environment = finwait::testing::DefaultEnvironment();
  result.timeline = run.Build();
  return Distill(result);
}

TEST(Distill, MeasuresWhatATimerTookFromTheLastEvent) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kFinWait1, 1s, "sent FIN")
      .Packet(1s, true, tcp::kFin | tcp::kAck)
      .Packet(1200ms, true, tcp::kFin | tcp::kAck)
      .Enter(kClosed, 1600ms, "retransmission gave up");
  const Stay stay = Distilled(run).endpoints[0].stays[0];
  EXPECT_EQ(stay.length.best, 600ms);
  EXPECT_EQ(stay.silence, 400ms);
  EXPECT_EQ(stay.timers, 1);
}

TEST(Distill, ForgetsWhyWhereOnlyLooksShowedIt) {
  TimelineBuilder run;
  run.Endpoint("client", "conn").Enter(kFinWait1, 1s, "close() or shutdown()");
  EXPECT_EQ(Distilled(run).endpoints[0].stays[0].cause, "");
}

TEST(Distill, KeepsWhatTheProtocolCounts) {
  TimelineBuilder run;
  run.Raw().counters["client"] = {{"TcpExtTW", 1},
                                  {"TcpExtTCPHPHits", 7},
                                  {"IpExtInOctets", 1234},
                                  {"TcpInSegs", 9}};
  EXPECT_THAT(Distilled(run).counters["client"], ElementsAre(Key("TcpExtTW")));
}

TEST(Distill, TakesTcpInfoWhereNothingIsRepeated) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(kEstablished, 1ms)
      .Look(2ms, 7)
      .Info({.rto = 204ms})
      .Look(1s, 7)
      .Info({.rto = 816ms, .retransmits = 2, .backoff = 2});
  EXPECT_EQ(Distilled(run).endpoints[0].rto, 204ms);
}

TEST(Distill, GroupsACrowdByItsWays) {
  TimelineBuilder run;
  for (int n = 1; n <= 40; ++n) {
    auto& end = run.Endpoint("client", "each#" + std::to_string(n));
    end.Enter(kSynSent, 1ms).Enter(kEstablished, 1ms * (1 + n));
    end.Packet(1ms, true, tcp::kSyn);
    if (n > 38) end.Enter(kClosed, 5s, "received RST");
  }
  const Behaviour crowd = Distilled(run);
  ASSERT_THAT(crowd.endpoints, SizeIs(2));
  EXPECT_TRUE(crowd.IsCrowd());
  EXPECT_EQ(crowd.endpoints[0].connection, "each#");
  EXPECT_EQ(crowd.endpoints[0].members.value, 38);
  EXPECT_EQ(crowd.endpoints[0].stays[0].length.low, 1ms);
  EXPECT_EQ(crowd.endpoints[0].stays[0].length.high, 38ms);
  EXPECT_EQ(crowd.endpoints[0].totals.at("sent SYN").value, 38);
}

TEST(Distill, KnowsAKeepaliveProbeFromAnAcknowledgement) {
  TimelineBuilder run;
  auto& end = run.Endpoint("client", "conn").Enter(kEstablished, 1ms);
  end.Packet(1ms, true, tcp::kAck | tcp::kPsh, 100);
  end.Packet(2ms, true, tcp::kAck);
  end.Packet(3s, true, tcp::kAck);
  tcp::Timeline timeline = run.Build();
  auto& packets = timeline.endpoints[0].packets;
  packets[0].seq = 0xfffffff0;  // wraps around
  packets[1].seq = 84;
  packets[2].seq = 83;
  judge::Result result;
  result.timeline = timeline;
  const Endpoint endpoint = Distill(result).endpoints[0];
  ASSERT_THAT(endpoint.segments, SizeIs(1));
  EXPECT_TRUE(endpoint.segments[0].again);
  EXPECT_EQ(endpoint.segments[0].after, 3s - 2ms);
  EXPECT_EQ(endpoint.totals.at("sent data").value, 1);
  EXPECT_EQ(endpoint.totals.at("sent ACK").value, 1);
}

}  // namespace
}  // namespace finwait::compare
