// GoogleMock matchers for what an endpoint did.
//
// They judge as scenarios do (judge/judge.h): kernel timers are never early and
// late by at most one slot of the timer wheel, and a duration may be named by
// its formula. Each shows below the text that a failure prints.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "gtest/lab_test.h"
#include "scenario/expectation.h"
#include "tcp/tcp_state.h"

namespace finwait::gtest {

// The endpoint was in `state` at some time.
//
//   EXPECT_THAT(run.At("client", "conn"), Reaches(TcpState::kTimeWait));
//
//   Value of: run.At("client", "conn")
//   Expected: reaches TIME_WAIT
//     Actual: client conn, SYN_SENT > ESTABLISHED > FIN_WAIT1 > FIN_WAIT2 >
//             CLOSED
::testing::Matcher<const ObservedEndpoint&> Reaches(tcp::TcpState state);

// The endpoint was never in `state`.
//
//   EXPECT_THAT(run.At("client", "conn"), Never(TcpState::kFinWait2));
//
//   Value of: run.At("client", "conn")
//   Expected: is never in FIN_WAIT2
//     Actual: client conn, SYN_SENT > ESTABLISHED > FIN_WAIT1 > FIN_WAIT2 >
//             CLOSED
::testing::Matcher<const ObservedEndpoint&> Never(tcp::TcpState state);

// `state` lasted as `lasts` says, in a scenario's words: "5s", "time_wait",
// "at least 2s", "between 1s and 2s", "to the end" (docs/scenario-reference).
//
//   EXPECT_THAT(run.At("client", "conn"),
//               Stays(TcpState::kFinWait2, "tcp_fin_timeout"));
//
//   Value of: run.At("client", "conn")
//   Expected: FIN_WAIT2 lasts tcp_fin_timeout
//     Actual: client conn, SYN_SENT > ESTABLISHED > FIN_WAIT1 > FIN_WAIT2 >
//             CLOSED: lasted 3.131s [...], 874ms below ...
::testing::Matcher<const ObservedEndpoint&> Stays(tcp::TcpState state,
                                                  std::string_view lasts);

// The endpoint ended, and so.
//
//   EXPECT_THAT(run.At("server", "conn"), Ends(Ending::kReceivedReset));
//
//   Value of: run.At("server", "conn")
//   Expected: ends received reset
//     Actual: server conn, SYN_RECV > ESTABLISHED > CLOSE_WAIT > LAST_ACK >
//             CLOSED: ended by an exchange of FINs
::testing::Matcher<const ObservedEndpoint&> Ends(scenario::Ending how);

// The whole path, as a scenario writes it.
//
//   EXPECT_THAT(run.At("server", "conn"),
//               Follows("SYN_RECV > ESTABLISHED > CLOSE_WAIT"));
//
//   Value of: run.At("server", "conn")
//   Expected: follows SYN_RECV > ESTABLISHED > CLOSE_WAIT
//     Actual: server conn, SYN_RECV > ESTABLISHED > CLOSE_WAIT > CLOSED
::testing::Matcher<const ObservedEndpoint&> Follows(std::string_view path);

// How GoogleTest prints an endpoint: its name and path.
void PrintTo(const ObservedEndpoint& endpoint, std::ostream* out);

}  // namespace finwait::gtest
