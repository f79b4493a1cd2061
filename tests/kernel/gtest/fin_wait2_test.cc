// The flagship and its neighbours, written in C++ instead of TOML.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gtest/lab_test.h"
#include "gtest/matchers.h"

namespace finwait::gtest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tcp::TcpState;

class FinWait2 : public LabTest {
 protected:
  void Connect() {
    On("server").Listen(7000);
    On("client").Connect("server", 7000, "conn");
    On("server").Accept("conn");
  }
};

TEST_F(FinWait2, OfAnOrphanLastsTcpFinTimeout) {
  Sysctl("client", "net.ipv4.tcp_fin_timeout", "1");
  Build("two-hosts");
  Connect();
  On("client").Close("conn");
  WaitFor("client", "conn", TcpState::kClosed, seconds(3));
  const Observed run = Finish();
  const auto client = run.At("client", "conn");
  EXPECT_THAT(client, Stays(TcpState::kFinWait2, "tcp_fin_timeout"));
  EXPECT_THAT(client, Never(TcpState::kTimeWait));
  EXPECT_THAT(run.At("server", "conn"),
              Follows("SYN_RECV > ESTABLISHED > CLOSE_WAIT"));
  EXPECT_EQ(run.Counter("client", "TcpExtTWKilled"), 1);
}

TEST_F(FinWait2, OfAHalfCloseHasNoTimer) {
  Sysctl("client", "net.ipv4.tcp_fin_timeout", "1");
  UseFamily(tcp::Family::kIpv6);
  Build("dual-stack");
  Connect();
  On("client").Shutdown("conn");
  On("server").ReceiveEndOfFile("conn");
  WaitFor("client", "conn", TcpState::kFinWait2, seconds(1));
  Wait(milliseconds(1500));
  On("server").Send("conn", "still here");
  On("client").Receive("conn", "still here");
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"),
              Stays(TcpState::kFinWait2, "at least 1500ms"));
  EXPECT_THAT(run.At("client", "conn"),
              Stays(TcpState::kFinWait2, "to the end"));
}

TEST_F(FinWait2, IsResetByDataForAnOrphan) {
  Build("two-hosts");
  Connect();
  On("client").Close("conn");
  WaitFor("client", "conn", TcpState::kFinWait2, seconds(1));
  On("server").Send("conn", "too late");
  WaitFor("server", "conn", TcpState::kClosed, seconds(1));
  On("server").Failing("EPIPE").Send("conn", "again");
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"), Reaches(TcpState::kFinWait2));
  EXPECT_EQ(run.Counter("client", "TcpOutRsts"), 1);
}

}  // namespace
}  // namespace finwait::gtest
