// netem set and read back, where the kernel has it.
#include "netlink/qdisc.h"

#include <gtest/gtest.h>

#include <chrono>

#include "netlink/netem_message.h"
#include "two_hosts.h"

namespace finwait::netlink {
namespace {

using scenario::Impairment;
using std::chrono::milliseconds;

class QdiscTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { netns::EnsurePrivilege(); }
};

class NetemTest : public QdiscTest {
 protected:
  void SetUp() override {
    if (!HasNetem()) GTEST_SKIP() << "sch_netem is missing";
  }

  Rtnetlink& rtnl() { return *hosts_.a.rtnl; }
  TwoHosts hosts_;
};

TEST_F(QdiscTest, WithoutNetemTheFeatureIsNamed) {
  if (HasNetem()) GTEST_SKIP() << "this kernel has sch_netem";
  TwoHosts hosts;
  try {
    SetImpairment(*hosts.a.rtnl, kLeftIndex, {.delay = milliseconds(1)});
    FAIL() << "nothing was set, and nothing said so";
  } catch (const Unsupported& e) {
    EXPECT_NE(std::string(e.what()).find("sch_netem"), std::string::npos);
  }
}

TEST_F(QdiscTest, NothingToRemoveIsNoError) {
  TwoHosts hosts;
  EXPECT_FALSE(ReadImpairment(*hosts.a.rtnl, kLeftIndex));
  RemoveImpairment(*hosts.a.rtnl, kLeftIndex);
  SetImpairment(*hosts.a.rtnl, kLeftIndex, {});
}

TEST_F(NetemTest, EveryFieldComesBack) {
  Impairment all{
      .delay = milliseconds(50),
      .jitter = Duration(1'234'567),
      .delay_correlation = {0.25},
      .distribution = scenario::Distribution::kNormal,
      .loss = scenario::RandomLoss{{0.015}, {0.1}},
      .ecn = true,
      .duplicate = {{0.02}, {0.3}},
      .corrupt = {{0.03}, {0.4}},
      .reorder = {{0.04}, {0.5}},
      .gap = 5,
      .rate = {80'000'000'000},
      .packet_overhead = -4,
      .limit = 77,
      .slot = scenario::Slot{milliseconds(1), milliseconds(2), 3, 4000}};
  SetImpairment(rtnl(), kLeftIndex, all);  // throws on any difference
  for (scenario::Loss loss :
       {scenario::Loss{scenario::StateLoss{{0.1}, {0.2}, {0.3}, {0.4}, {0.5}}},
        scenario::Loss{scenario::GemodelLoss{{0.1}, {0.2}, {0.9}, {0.01}}}}) {
    all.loss = loss;
    SetImpairment(rtnl(), kLeftIndex, all);
  }
}

TEST_F(NetemTest, AChangeForgetsWhatWasBefore) {
  SetImpairment(rtnl(), kLeftIndex,
                {.delay = milliseconds(50),
                 .jitter = milliseconds(5),
                 .delay_correlation = {0.25},
                 .rate = {1'000'000},
                 .slot = scenario::Slot{milliseconds(1), milliseconds(2)}});
  Impairment plain{.delay = milliseconds(10)};
  SetImpairment(rtnl(), kLeftIndex, plain);
  Impairment got = *ReadImpairment(rtnl(), kLeftIndex);
  got.seed.reset();
  EXPECT_EQ(got, plain);
  SetImpairment(rtnl(), kLeftIndex, {});
  EXPECT_FALSE(ReadImpairment(rtnl(), kLeftIndex));
}

TEST_F(NetemTest, ASeedComesBackOrIsUnsupported) {
  try {
    SetImpairment(rtnl(), kLeftIndex,
                  {.delay = milliseconds(1), .seed = 0x1122334455667788});
    EXPECT_EQ(ReadImpairment(rtnl(), kLeftIndex)->seed, 0x1122334455667788U);
  } catch (const Unsupported& e) {
    EXPECT_NE(std::string(e.what()).find("6.6"), std::string::npos);
  }
}

TEST_F(NetemTest, DelaysTheHandshake) {
  SetImpairment(rtnl(), kLeftIndex, {.delay = milliseconds(30)});
  tcp::SocketAddress server{Ip("10.0.0.2"), 7000};
  FileDescriptor listener = Listen(hosts_.b, server);
  TimePoint begin = MonotonicClock::now();
  Connect(hosts_.a, {Ip("10.0.0.1"), 0}, server);
  EXPECT_GE(MonotonicClock::now() - begin, milliseconds(30));
}

}  // namespace
}  // namespace finwait::netlink
