// The matchers' verdicts and the exact texts their header promises.
#include "gtest/matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "../timeline_builder.h"

namespace finwait::gtest {
namespace {

using tcp::TcpState;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TimelineBuilder;
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

// A client whose FIN_WAIT2 lasted 3.131 s.
class Matchers : public ::testing::Test {
 protected:
  Matchers() {
    TimelineBuilder run;
    run.Endpoint("client", "conn")
        .Enter(TcpState::kSynSent, 0ms)
        .Enter(TcpState::kEstablished, 1ms)
        .Enter(TcpState::kFinWait1, 2ms)
        .Enter(TcpState::kFinWait2, 3ms)
        .Enter(TcpState::kClosed, 3134ms);
    run.EndAt(4s);
    observed_.timeline = run.Build();
    observed_.environment.hz = 250;
  }

  // What EXPECT_THAT would print.
  std::string Failure(
      const ::testing::Matcher<const ObservedEndpoint&>& typed) {
    const ObservedEndpoint client = observed_.At("client", "conn");
    std::ostringstream text;
    text << "Expected: ";
    typed.DescribeTo(&text);
    text << "\n  Actual: ";
    PrintTo(client, &text);
    ::testing::StringMatchResultListener listener;
    EXPECT_FALSE(typed.MatchAndExplain(client, &listener));
    if (!listener.str().empty()) text << ", " << listener.str();
    return text.str();
  }

  Observed observed_;
};

constexpr char kPath[] =
    "client conn, SYN_SENT > ESTABLISHED > FIN_WAIT1 > FIN_WAIT2 > CLOSED";

TEST_F(Matchers, ReachesAndNever) {
  const auto client = observed_.At("client", "conn");
  EXPECT_THAT(client, Reaches(TcpState::kFinWait2));
  EXPECT_THAT(client, Never(TcpState::kTimeWait));
  EXPECT_EQ(Failure(Reaches(TcpState::kTimeWait)),
            std::string("Expected: reaches TIME_WAIT\n  Actual: ") + kPath);
  EXPECT_EQ(Failure(Never(TcpState::kFinWait2)),
            std::string("Expected: is never in FIN_WAIT2\n  Actual: ") + kPath);
}

TEST_F(Matchers, StaysIsJudgedLikeAScenario) {
  const auto client = observed_.At("client", "conn");
  EXPECT_THAT(client, Stays(TcpState::kFinWait2, "3s"));
  EXPECT_THAT(client, Stays(TcpState::kFinWait2, "between 3s and 4s"));
  EXPECT_THAT(client, Not(Stays(TcpState::kFinWait2, "2s")));
  EXPECT_THAT(client, Not(Stays(TcpState::kFinWait2, "to the end")));
  EXPECT_THAT(Failure(Stays(TcpState::kFinWait2, "4s")),
              HasSubstr("Expected: FIN_WAIT2 lasts 4s\n  Actual: client conn"));
}

TEST_F(Matchers, EndsIsJudgedLikeAScenario) {
  const auto client = observed_.At("client", "conn");
  EXPECT_THAT(client, Ends(scenario::Ending::kSilently));
  EXPECT_THAT(Failure(Ends(scenario::Ending::kReceivedReset)),
              HasSubstr("Expected: ends received reset\n  Actual: client"));
  EXPECT_THAT(observed_.At("client", "other"),
              Not(Ends(scenario::Ending::kSilently)));
}

TEST_F(Matchers, FollowsComparesTheWholePath) {
  const auto client = observed_.At("client", "conn");
  EXPECT_THAT(client, Follows("SYN_SENT > ESTABLISHED > FIN_WAIT1 > FIN_WAIT2 "
                              "> CLOSED"));
  EXPECT_THAT(client, Not(Follows("SYN_SENT > ESTABLISHED")));
}

TEST_F(Matchers, AnEndpointNeverSeenSatisfiesNothing) {
  const auto nobody = observed_.At("client", "other");
  EXPECT_THAT(nobody, Not(Reaches(TcpState::kEstablished)));
  EXPECT_THAT(nobody, Not(Never(TcpState::kEstablished)));
}

TEST_F(Matchers, AnUnknownFormulaIsRefusedAtOnce) {
  EXPECT_THROW(Stays(TcpState::kFinWait2, "tcp_fin_timout"),
               std::invalid_argument);
}

}  // namespace
}  // namespace finwait::gtest
