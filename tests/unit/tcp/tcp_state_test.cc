// States: names, and which may follow which.
#include "tcp/tcp_state.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <vector>

namespace finwait::tcp {
namespace {

using enum TcpState;

const std::vector<TcpState>& AllStates() {
  static const std::vector<TcpState> kAll = {
      kEstablished, kSynSent,   kSynRecv, kFinWait1, kFinWait2, kTimeWait,
      kClosed,      kCloseWait, kLastAck, kListen,   kClosing};
  return kAll;
}

TEST(TcpState, IsNumberedAsInTheKernel) {
  EXPECT_EQ(static_cast<int>(kEstablished), TCP_ESTABLISHED);
  EXPECT_EQ(static_cast<int>(kFinWait2), TCP_FIN_WAIT2);
  EXPECT_EQ(static_cast<int>(kClosed), TCP_CLOSE);
  EXPECT_EQ(static_cast<int>(kClosing), TCP_CLOSING);
}

TEST(TcpState, NamesAreReadBack) {
  for (TcpState state : AllStates()) {
    EXPECT_EQ(ParseTcpState(Name(state)), state) << Name(state);
  }
  EXPECT_EQ(Name(kFinWait2), "FIN_WAIT2");
  EXPECT_EQ(Name(kClosed), "CLOSED");
  EXPECT_EQ(ParseTcpState("CLOSE"), kClosed);
  EXPECT_FALSE(ParseTcpState("FIN-WAIT-2").has_value());
  EXPECT_FALSE(ParseTcpState("").has_value());
}

TEST(Transition, OfEveryLiveStateMayEndInClosed) {
  for (TcpState state : AllStates()) {
    EXPECT_EQ(IsLegalTransition(state, kClosed), state != kClosed);
  }
}

TEST(Transition, NeverStaysInPlace) {
  for (TcpState state : AllStates()) {
    EXPECT_FALSE(IsLegalTransition(state, state)) << Name(state);
  }
}

TEST(Transition, FollowsTheStateDiagram) {
  EXPECT_TRUE(IsLegalTransition(kClosed, kSynSent));
  EXPECT_TRUE(IsLegalTransition(kSynSent, kSynRecv));
  EXPECT_TRUE(IsLegalTransition(kSynRecv, kEstablished));
  EXPECT_TRUE(IsLegalTransition(kEstablished, kFinWait1));
  EXPECT_TRUE(IsLegalTransition(kFinWait1, kFinWait2));
  EXPECT_TRUE(IsLegalTransition(kFinWait1, kTimeWait));
  EXPECT_TRUE(IsLegalTransition(kFinWait2, kTimeWait));
  EXPECT_TRUE(IsLegalTransition(kClosing, kTimeWait));
  EXPECT_TRUE(IsLegalTransition(kCloseWait, kLastAck));
}

TEST(Transition, NeverGoesBackOrSkipsAHandshake) {
  EXPECT_FALSE(IsLegalTransition(kClosed, kEstablished));
  EXPECT_FALSE(IsLegalTransition(kFinWait2, kFinWait1));
  EXPECT_FALSE(IsLegalTransition(kFinWait2, kClosing));
  EXPECT_FALSE(IsLegalTransition(kCloseWait, kFinWait1));
  EXPECT_FALSE(IsLegalTransition(kLastAck, kTimeWait));
  EXPECT_FALSE(IsLegalTransition(kEstablished, kTimeWait));
}

}  // namespace
}  // namespace finwait::tcp
