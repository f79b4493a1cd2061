// Which looks belong to a stay.
#include "judge/stay.h"

#include <gtest/gtest.h>

#include "unit/timeline_builder.h"

namespace finwait::judge {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using tcp::TcpState;
using tcp::TimerKind;

std::size_t LooksAt(const TimelineBuilder& run, TcpState state) {
  const tcp::EndpointTimeline endpoint = run.Build().endpoints.at(0);
  const auto stays = StaysOf(endpoint);
  const Stay* stay = FindStay(stays, state, 1);
  return stay == nullptr ? 0 : SamplesIn(*stay, endpoint).size();
}

TEST(SamplesIn, LeavesOutALookBeforeTheTimerWasArmed) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(TcpState::kSynSent, 1ms)
      .Look(1ms + 10us, 7, TimerKind::kOff)
      .Look(3ms, 7, TimerKind::kRetransmit, 1s);
  EXPECT_EQ(LooksAt(run, TcpState::kSynSent), 1U);
}

TEST(SamplesIn, LeavesOutALookBeforeCloseReturned) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(TcpState::kFinWait1, 1ms)
      .Look(1ms + 70us, 7, TimerKind::kRetransmit, 200ms)
      .Look(3ms, 0, TimerKind::kRetransmit, 198ms);
  EXPECT_EQ(LooksAt(run, TcpState::kFinWait1), 1U);
}

TEST(SamplesIn, LeavesOutEveryLookBeforeCloseReturned) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(TcpState::kFinWait2, 1ms)
      .Look(1ms + 7us, 7)
      .Look(1ms + 30us, 7)
      .Look(3ms, 0, TimerKind::kTimewait, 3s);
  EXPECT_EQ(LooksAt(run, TcpState::kFinWait2), 1U);
}

// An orphan first, and then a minisock.
TEST(SamplesIn, LeavesOutEveryPartOfTheChange) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(TcpState::kFinWait2, 1ms)
      .Look(1ms + 16us, 7)
      .Look(1ms + 50us, 0)
      .Look(1ms + 300us, 0, TimerKind::kTimewait, 3s)
      .Look(3s, 0, TimerKind::kTimewait, 1s);
  EXPECT_EQ(LooksAt(run, TcpState::kFinWait2), 2U);
}

TEST(SamplesIn, KeepsAnOwnerThatWasThereForLonger) {
  TimelineBuilder run;
  run.Endpoint("client", "conn")
      .Enter(TcpState::kFinWait2, 1ms)
      .Look(500ms, 7)
      .Look(900ms, 0, TimerKind::kTimewait, 1s);
  EXPECT_EQ(LooksAt(run, TcpState::kFinWait2), 2U);
}

}  // namespace
}  // namespace finwait::judge
