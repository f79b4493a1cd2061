// What captures on all interfaces of a namespace see of a connection.
#include "observe/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "kernel/process/loopback.h"
#include "observe/segment.h"

namespace finwait::observe {
namespace {

using process::Actor;
using process::Call;
using process::Sandbox;
using testing::ElementsAre;
using testing::IsSupersetOf;

constexpr int kRing = 1 << 20;

class CaptureTest : public testing::TestWithParam<int> {
 protected:
  // Connects, sends, and closes at both ends.
  void LiveAndDie() {
    Actor actor(sandbox_, ns_, "both");
    const auto listener = process::Listen(actor, GetParam());
    const int client = process::Socket(actor, GetParam());
    actor.Do(process::Loopback(Call::Kind::kConnect, client, listener.port,
                               GetParam()));
    const int server = static_cast<int>(
        actor.Do({.kind = Call::Kind::kAccept, .fd = listener.fd}).value);
    actor.Do({.kind = Call::Kind::kSend, .fd = client, .data = "hello"});
    actor.Do({.kind = Call::Kind::kReceive, .fd = server, .number = 5});
    actor.Do({.kind = Call::Kind::kClose, .fd = client});
    actor.Do({.kind = Call::Kind::kClose, .fd = server});
  }

  // The flags of what passed, in order. Of a loopback's frames libpcap hands
  // over only those that came in.
  static std::vector<std::string> Seen(Capture& capture) {
    std::vector<std::string> flags;
    capture.Drain([&](const RawFrame& frame) {
      EXPECT_FALSE(frame.sent);
      const auto segment = DecodeSegment(frame.bytes, frame.at);
      ASSERT_TRUE(segment);
      flags.push_back(tcp::FlagNames(segment->packet.flags));
    });
    return flags;
  }

  netns::Namespace ns_ = process::NamespaceWithLoopback();
  Sandbox sandbox_;
};

INSTANTIATE_TEST_SUITE_P(Over, CaptureTest, testing::Values(AF_INET, AF_INET6),
                         [](const auto& family) {
                           return family.param == AF_INET ? "Ipv4" : "Ipv6";
                         });

TEST_P(CaptureTest, OfAllInterfacesSeesEverySegment) {
  Capture capture = Capture::Open(ns_, kAllInterfaces, kRing);
  LiveAndDie();
  // The FIN's ACK may wait for the other FIN.
  EXPECT_THAT(Seen(capture),
              IsSupersetOf({"SYN", "SYN|ACK", "ACK", "PSH|ACK", "ACK",
                            "FIN|ACK", "FIN|ACK", "ACK"}));
  EXPECT_EQ(capture.dropped(), 0U);
}

TEST_P(CaptureTest, OfControlSeesNoData) {
  Capture capture = Capture::Open(ns_, kAllInterfaces, kRing, kOnlyControl);
  LiveAndDie();
  EXPECT_THAT(Seen(capture),
              ElementsAre("SYN", "SYN|ACK", "FIN|ACK", "FIN|ACK"));
}

TEST_P(CaptureTest, SaysWhichInterfaceIsNotThere) {
  try {
    Capture::Open(ns_, "eth7", kRing);
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("eth7"));
  }
}

}  // namespace
}  // namespace finwait::observe
