// Who keeps connections from ending, to the letter.
#include "judge/blame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/timeline_builder.h"

namespace finwait::judge {
namespace {

using finwait::testing::DefaultEnvironment;
using finwait::testing::EndpointBuilder;
using finwait::testing::TimelineBuilder;
using tcp::Timeline;
using tcp::TimerKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using namespace std::chrono_literals;
using enum tcp::TcpState;

EndpointBuilder& Client(TimelineBuilder& run, std::uint16_t port = 40000) {
  return run.Endpoint("client", "#" + std::to_string(port))
      .Tuple("10.0.0.1", port, "10.0.0.2", 7000);
}

EndpointBuilder& Server(TimelineBuilder& run, std::uint16_t port = 40000) {
  return run.Endpoint("server", "#" + std::to_string(port))
      .Tuple("10.0.0.2", 7000, "10.0.0.1", port);
}

std::vector<std::string> Told(const TimelineBuilder& run) {
  return Blame(run.Build(), DefaultEnvironment());
}

// The netstat full of FIN_WAIT2 without a PID.
TEST(Blame, ForgottenClose) {
  TimelineBuilder run;
  Client(run)
      .Enter(kEstablished, 0s)
      .Enter(kFinWait2, 1s)
      .Look(1s, 0, TimerKind::kTimewait, 60s);
  Server(run)
      .Enter(kEstablished, 0s)
      .Enter(kCloseWait, 1s)
      .Look(9s, 55)
      .HeldBy(4242, "python3", 5);
  run.EndAt(13300ms);
  EXPECT_THAT(
      Told(run),
      ElementsAre(
          "client's FIN_WAIT2 (10.0.0.1:40000 > 10.0.0.2:7000) is an orphan "
          "(no process) and will live 47.7s more; server process 4242 "
          "(`python3`) still holds descriptor 5 in CLOSE_WAIT: it received the "
          "FIN 12.3s ago and has not called close()."));
}

TEST(Blame, ManyAlikeAreOne) {
  TimelineBuilder run;
  for (int n = 0; n < 1000; ++n) {
    auto port = static_cast<std::uint16_t>(40000 + n);
    Client(run, port).Enter(kFinWait2, 1s + n * 1ms);
    Server(run, port).Enter(kCloseWait, 1s + n * 1ms).HeldBy(7, "httpd", 5 + n);
  }
  EXPECT_THAT(
      Told(run),
      ElementsAre(
          "1000 of client's FIN_WAIT2 (such as 10.0.0.1:40000 > "
          "10.0.0.2:7000) are orphans (no process) and will live 51s to 52s "
          "more; server process 7 (`httpd`) still holds 1000 descriptors (5 to "
          "1004) in CLOSE_WAIT: it received the FINs 8s to 9s ago and has not "
          "called close()."));
}

TEST(Blame, DifferentProcessesAreNotOne) {
  TimelineBuilder run;
  Server(run, 40000).Enter(kCloseWait, 1s).HeldBy(7, "httpd", 5);
  Server(run, 40001).Enter(kCloseWait, 1s).HeldBy(8, "httpd", 5);
  EXPECT_EQ(Told(run).size(), 2U);
}

TEST(Blame, HalfCloseIsLegitimate) {
  TimelineBuilder run;
  Client(run).Enter(kFinWait2, 1s).Look(2s, 77).HeldBy(12, "rsync", 3);
  Server(run).Enter(kCloseWait, 1s).Look(2s, 78).HeldBy(13, "rsyncd", 4);
  auto told = Told(run);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(told[0],
              StartsWith("client's FIN_WAIT2 (10.0.0.1:40000 > 10.0.0.2:7000) "
                         "is half-closed, which is legitimate and never times "
                         "out: client process 12 (`rsync`) holds descriptor 3; "
                         "server process 13"));
}

TEST(Blame, NotYetAccepted) {
  TimelineBuilder run;
  Server(run).Enter(kCloseWait, 4s).Look(4s, 0);
  EXPECT_THAT(Told(run),
              ElementsAre("server's CLOSE_WAIT (10.0.0.2:7000 > "
                          "10.0.0.1:40000) waits in a listener's queue: the "
                          "FIN came 6s ago and nobody has called accept()."));
}

// Of what was there before the run, nobody knows since when.
TEST(Blame, LongerThanTheRun) {
  TimelineBuilder run;
  Server(run).Look(4s, 0);
  Timeline timeline = run.Build();
  timeline.endpoints[0].initial = kCloseWait;
  EXPECT_THAT(Blame(timeline, DefaultEnvironment()),
              ElementsAre(HasSubstr("the FIN came at least 10s ago")));
}

TEST(Blame, TimeWaitNeedsNobody) {
  TimelineBuilder run;
  Client(run).Enter(kTimeWait, 1s);
  Server(run).Enter(kLastAck, 1s).Enter(kClosed, 1001ms);
  EXPECT_THAT(Told(run),
              ElementsAre("client's TIME_WAIT (10.0.0.1:40000 > 10.0.0.2:7000) "
                          "needs no process and will live 51s more."));
}

TEST(Blame, PeerThatIsGone) {
  TimelineBuilder run;
  Client(run).Enter(kFinWait2, 1s);
  Server(run).Enter(kEstablished, 1s).Enter(kClosed, 2s);
  EXPECT_THAT(Told(run)[0], HasSubstr("; server has no such socket any more."));
}

TEST(Blame, FinInTheVoid) {
  TimelineBuilder run;
  tcp::TcpInfo info;
  info.rto = 204ms;
  info.rtt = 60us;
  info.rttvar = 50ms;
  Client(run)
      .Enter(kEstablished, 0s)
      .Look(500ms, 77)
      .Info(info)
      .Enter(kFinWait1, 1s)
      .Look(2s, 0, TimerKind::kRetransmit);
  Server(run).Enter(kEstablished, 0s).Look(1s, 55).HeldBy(7, "httpd", 5);
  auto told = Told(run);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(told[0], HasSubstr("FIN_WAIT1 (10.0.0.1:40000 > 10.0.0.2:7000) "
                                 "has waited 9s for the ACK of its FIN"));
  EXPECT_THAT(told[0], HasSubstr("it is an orphan (no process); server is "
                                 "still in ESTABLISHED: the FIN has not "
                                 "reached it; server process 7 (`httpd`)"));
}

TEST(Blame, NothingToTell) {
  TimelineBuilder run;
  Client(run).Enter(kEstablished, 1s);
  Server(run).Enter(kEstablished, 1s);
  EXPECT_THAT(Told(run), IsEmpty());
}

}  // namespace
}  // namespace finwait::judge
