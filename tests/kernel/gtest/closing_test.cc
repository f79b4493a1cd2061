// How connections close and abort, written in C++ instead of TOML.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gtest/lab_test.h"
#include "gtest/matchers.h"

namespace finwait::gtest {
namespace {

using scenario::Ending;
using std::chrono::milliseconds;
using std::chrono::seconds;
using tcp::TcpState;
using ::testing::AllOf;

class Closing : public LabTest {
 protected:
  void Connect(scenario::SocketOptionValues options = {}) {
    Build("two-hosts");
    On("server").Listen(7000);
    On("client").Connect("server", 7000, "conn", std::move(options));
    On("server").Accept("conn");
  }
  void WaitForBoth(TcpState state) {
    WaitFor("client", "conn", state, seconds(5));
    WaitFor("server", "conn", state, seconds(5));
  }
};

// RFC 9293 section 3.6: whoever closes first waits.
TEST_F(Closing, LeavesTimeWaitToTheFirst) {
  Connect();
  On("client").Close("conn");
  WaitFor("client", "conn", TcpState::kFinWait2, seconds(1));
  On("server").Close("conn");
  WaitFor("server", "conn", TcpState::kClosed, seconds(1));
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"),
              AllOf(Follows("SYN_SENT > ESTABLISHED > FIN_WAIT1 > FIN_WAIT2 > "
                            "TIME_WAIT"),
                    Stays(TcpState::kTimeWait, "to the end")));
  EXPECT_THAT(run.At("server", "conn"),
              AllOf(Follows("SYN_RECV > ESTABLISHED > CLOSE_WAIT > LAST_ACK > "
                            "CLOSED"),
                    Ends(Ending::kFin)));
}

// net/ipv4/tcp_input.c tcp_fin(): also where the program still has its socket.
TEST_F(Closing, TakesAHalfClosedSocketToTimeWait) {
  Connect();
  On("client").Shutdown("conn");
  WaitFor("client", "conn", TcpState::kFinWait2, seconds(1));
  On("server").Close("conn");
  On("client").ReceiveEndOfFile("conn");
  WaitFor("client", "conn", TcpState::kTimeWait, seconds(1));
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"), Reaches(TcpState::kTimeWait));
  EXPECT_EQ(run.Counter("client", "TcpExtTW"), 1);
}

// Linux include/net/tcp.h tcp_fin_time() and net/ipv4/tcp_timer.c
// tcp_keepalive_timer(): beyond 60 s, what exceeds them counts twice.
TEST_F(Closing, FallsOffTheCliffAt61Seconds) {
  Sysctl("client", "net.ipv4.tcp_fin_timeout", "61");
  Connect();
  On("client").Close("conn");
  WaitFor("client", "conn", TcpState::kClosed, seconds(5));
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"),
              AllOf(Stays(TcpState::kFinWait2, "tcp_fin_timeout"),
                    Stays(TcpState::kFinWait2, "between 2s and 2.5s"),
                    Ends(Ending::kTimer)));
}

// tcp_input.c tcp_rcv_state_process(), FIN_WAIT1: this orphan's FIN_WAIT2 ends
// where it begins.
TEST_F(Closing, ResetsAtTheAckOfTheFinWithNegativeLinger2) {
  Connect({{"TCP_LINGER2", -1}});
  On("client").Close("conn");
  WaitForBoth(TcpState::kClosed);
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"),
              AllOf(Never(TcpState::kTimeWait), Ends(Ending::kSentReset)));
  EXPECT_THAT(run.At("server", "conn"), Ends(Ending::kReceivedReset));
  EXPECT_EQ(run.Counter("client", "TcpExtTCPAbortOnData"), 1);
  EXPECT_EQ(run.Counter("client", "TcpExtTCPAbortOnLinger"), 0);
}

// tcp.c __tcp_close(): SO_LINGER of 0 s is an abort.
TEST_F(Closing, AbortsWithZeroLinger) {
  Connect({{"SO_LINGER", 0}});
  On("client").Close("conn");
  WaitForBoth(TcpState::kClosed);
  On("server").Failing("ECONNRESET").Receive("conn", "anything");
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"),
              AllOf(Follows("SYN_SENT > ESTABLISHED > CLOSED"),
                    Ends(Ending::kSentReset)));
  EXPECT_THAT(run.At("server", "conn"),
              Follows("SYN_RECV > ESTABLISHED > CLOSED"));
}

// RFC 2525 section 2.17: what nobody will read is answered with a reset.
TEST_F(Closing, AbortsWhatWasNotRead) {
  Connect();
  On("server").Send("conn", "unread");
  On("client").Receive("conn", "un");
  On("client").Close("conn");
  WaitForBoth(TcpState::kClosed);
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"),
              AllOf(Never(TcpState::kFinWait1), Ends(Ending::kSentReset)));
  EXPECT_EQ(run.Counter("client", "TcpExtTCPAbortOnClose"), 1);
}

// RFC 9293 section 3.10.5: no FIN, no TIME_WAIT.
TEST_F(Closing, AbortsByDisconnect) {
  Connect();
  On("client").Disconnect("conn");
  WaitForBoth(TcpState::kClosed);
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"),
              AllOf(Follows("SYN_SENT > ESTABLISHED > CLOSED"),
                    Ends(Ending::kSentReset)));
  EXPECT_EQ(run.Counter("client", "TcpOutRsts"), 1);
}

// The kernel closes what a killed process leaves: its peer sees a FIN.
TEST_F(Closing, ComesWithTheEndOfAProcess) {
  Sysctl("client", "net.ipv4.tcp_fin_timeout", "1");
  Connect();
  On("client").Kill();
  WaitFor("client", "conn", TcpState::kClosed, seconds(3));
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"),
              Stays(TcpState::kFinWait2, "tcp_fin_timeout"));
  EXPECT_THAT(run.At("server", "conn"),
              Follows("SYN_RECV > ESTABLISHED > CLOSE_WAIT"));
}

// net/ipv4/tcp_timer.c tcp_orphan_retries(): a FIN is repeated for so long.
TEST_F(Closing, GivesUpWhereNobodyAnswersTheFin) {
  Sysctl("client", "net.ipv4.tcp_orphan_retries", "1");
  Connect();
  Blackhole("client:eth0");
  On("client").Close("conn");
  WaitFor("client", "conn", TcpState::kClosed, seconds(5));
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"),
              AllOf(Stays(TcpState::kFinWait1, "tcp_orphan_retries"),
                    Ends(Ending::kTimer)));
  EXPECT_THAT(run.At("server", "conn"), Never(TcpState::kCloseWait));
}

// RFC 9293 section 3.8.4, and 3.9.1 for TCP_USER_TIMEOUT: only probes notice
// that an idle peer is gone.
TEST_F(Closing, OfADeadPeerIsNoticedByKeepalive) {
  Connect({{"SO_KEEPALIVE", 1},
           {"TCP_KEEPIDLE", 1},
           {"TCP_KEEPINTVL", 1},
           {"TCP_KEEPCNT", 1}});
  Blackhole("server:eth0");
  WaitFor("client", "conn", TcpState::kClosed, seconds(5));
  On("client").Failing("ETIMEDOUT").Receive("conn", "anything");
  const Observed run = Finish();
  EXPECT_THAT(run.At("client", "conn"),
              Stays(TcpState::kEstablished, "tcp_keepalive"));
  EXPECT_EQ(run.Counter("client", "TcpExtTCPAbortOnTimeout"), 1);
}

// Linux has no timer for CLOSE_WAIT: only its program can end it.
TEST_F(Closing, NeverEndsCloseWaitByItself) {
  Sysctl("server", "net.ipv4.tcp_fin_timeout", "1");
  Connect();
  On("client").Close("conn");
  On("server").ReceiveEndOfFile("conn");
  Wait(milliseconds(1500));
  const Observed run = Finish();
  EXPECT_THAT(run.At("server", "conn"),
              AllOf(Stays(TcpState::kCloseWait, "at least 1400ms"),
                    Stays(TcpState::kCloseWait, "to the end")));
}

}  // namespace
}  // namespace finwait::gtest
