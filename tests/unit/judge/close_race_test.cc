// Orphans that are full sockets and ought to be minisocks.
#include "judge/close_race.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/timeline_builder.h"

namespace finwait::judge {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using tcp::TcpState;
using tcp::TimerKind;

// A server's connection whose FIN was acknowledged at 5.1 ms, while close()
// ran.
EndpointBuilder& InFinWait2(TimelineBuilder& run) {
  return run.Endpoint("server", "conn")
      .Enter(TcpState::kEstablished, 1ms)
      .Enter(TcpState::kFinWait1, 5ms)
      .Enter(TcpState::kFinWait2, 5ms + 100us);
}

TEST(CloseRace, KeepsAnOrphanAsAFullSocket) {
  TimelineBuilder run;
  InFinWait2(run)
      .Look(5ms + 100us, 7)  // close() has not returned
      .Look(6ms, 0, TimerKind::kKeepalive, 59999ms);
  EXPECT_EQ(CloseRace(run.Build(), DefaultEnvironment()),
            "server conn: the ACK of its FIN came at 5.1ms, while close() "
            "still had the socket, and the kernel kept the orphan as a full "
            "socket with a keepalive timer");
}

TEST(CloseRace, IsNotLostWhereAMinisockFollows) {
  TimelineBuilder run;
  InFinWait2(run)
      .Look(5ms + 100us, 0, TimerKind::kKeepalive, 60s)
      .Look(6ms, 0, TimerKind::kTimewait, 59999ms);
  EXPECT_EQ(CloseRace(run.Build(), DefaultEnvironment()), "");
}

TEST(CloseRace, IsNoneAboveSixtySeconds) {
  TimelineBuilder run;
  InFinWait2(run).Look(6ms, 0, TimerKind::kKeepalive, 5s);
  Environment environment = DefaultEnvironment();
  environment.sysctls["server"]["net.ipv4.tcp_fin_timeout"] = 65;
  EXPECT_EQ(CloseRace(run.Build(), environment), "");
}

TEST(CloseRace, IsNoneWhereAProcessHasTheSocket) {
  TimelineBuilder run;
  InFinWait2(run).Look(6ms, 7, TimerKind::kKeepalive, 5s);
  EXPECT_EQ(CloseRace(run.Build(), DefaultEnvironment()), "");
}

}  // namespace
}  // namespace finwait::judge
