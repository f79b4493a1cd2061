// How long netem holds a packet: the delay that each one saw.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/lab/measured_netem.h"

namespace finwait::lab {
namespace {

using tcp::Family;
using ::testing::SizeIs;

class MeasuredDelay : public MeasuredNetem,
                      public ::testing::WithParamInterface<Family> {
 protected:
  std::vector<Arrival> Send(const std::string& from, const std::string& to,
                            int count = 100) {
    return Between(from, to, GetParam()).SendAndCollect({.count = count});
  }
};

INSTANTIATE_TEST_SUITE_P(Over, MeasuredDelay,
                         ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& family) {
                           return family.param == Family::kIpv4 ? "Ipv4"
                                                                : "Ipv6";
                         });

TEST_P(MeasuredDelay, IsSeenByEveryPacket) {
  Build("\"two-hosts\"");
  Impair("client:eth0", "delay = \"20ms\"");
  const auto arrivals = Send("client", "server");
  EXPECT_THAT(arrivals, SizeIs(100));
  ExpectDelays(arrivals, milliseconds(20));
}

TEST_P(MeasuredDelay, HoldsInItsOwnDirectionOnly) {
  Build("\"two-hosts\"");
  Impair("client:eth0", "delay = \"20ms\"");
  ExpectDelays(Send("server", "client"), Duration::zero());
}

TEST_P(MeasuredDelay, DiffersByDirection) {
  Build("\"two-hosts\"");
  Impair("client:eth0", "delay = \"10ms\"");
  Impair("server:eth0", "delay = \"30ms\"");
  ExpectDelays(Send("client", "server"), milliseconds(10));
  ExpectDelays(Send("server", "client"), milliseconds(30));
}

TEST_P(MeasuredDelay, IsExactToTheNanosecondThatWasAsked) {
  Build("\"two-hosts\"");
  for (const Duration delay :
       {Duration(1'234'567), Duration(150'001), Duration(2'000)}) {
    Impair("client:eth0",
           "delay = \"" + std::to_string(delay.count()) + "ns\"");
    ExpectDelays(Send("client", "server", 20), delay);
  }
}

class MeasuredLink : public MeasuredNetem {};

TEST_F(MeasuredLink, OfOneFamilyLeavesTheOtherAlone) {
  Build("\"dual-stack\"");
  Impair("client:eth1", "delay = \"20ms\"");
  ExpectDelays(Between("client", "server", Family::kIpv4).SendAndCollect({}),
               Duration::zero());
  ExpectDelays(Between("client", "server", Family::kIpv6).SendAndCollect({}),
               milliseconds(20));
}

// 64 bits of nanoseconds; the field for ticks ended at 275 s (Linux:
// include/net/pkt_sched.h PSCHED_SHIFT).
TEST_F(MeasuredLink, MayHoldAPacketForAnHour) {
  if (!TimeIsVirtual()) GTEST_SKIP() << "takes an hour of real time";
  Build("\"two-hosts\"");
  Impair("client:eth0", "delay = \"1h\"");
  Flow flow = Between("client", "server");
  flow.Send({.count = 1});
  const auto arrivals = flow.Collect(seconds(3601));
  ASSERT_THAT(arrivals, SizeIs(1));
  ExpectDelays(arrivals, std::chrono::hours(1));
}

}  // namespace
}  // namespace finwait::lab
