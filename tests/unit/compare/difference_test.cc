// What is found, and that nothing is found between equals.
#include "compare/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/compare/behaviours.h"

namespace finwait::compare {
namespace {

using finwait::testing::AnyBehaviour;
using finwait::testing::OrphanFor;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

std::vector<std::string> Found(const Behaviour& a, const Behaviour& b) {
  std::vector<std::string> texts;
  for (const Difference& one : Compare(a, b)) texts.push_back(ToString(one));
  return texts;
}

TEST(Difference, IsNoneBetweenAnythingAndItself) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    const Behaviour any = AnyBehaviour(seed).Make();
    ASSERT_THAT(Found(any, any), IsEmpty()) << "seed " << seed;
  }
}

TEST(Difference, IsAMovedTimer) {
  EXPECT_THAT(Found(OrphanFor(2s), OrphanFor(2030ms)), IsEmpty());
  EXPECT_THAT(Found(OrphanFor(2s), OrphanFor(61200ms)),
              ElementsAre("client conn: FIN_WAIT2: lasted 2s | lasted 61.2s"));
}

TEST(Difference, IsNotTheNoiseOfARealMachine) {
  Behaviour noisy = OrphanFor(5s);
  noisy.endpoints[0].stays[0].length = {90us, 95us, 140us};
  noisy.endpoints[0].stays[1].length = {200ms, 200ms, 200ms};
  noisy.endpoints[0].segments[1].after = 200ms;
  EXPECT_THAT(Found(OrphanFor(5s), noisy), IsEmpty());
}

TEST(Difference, IsAStateTooManyAndTheRestStaysInPlace) {
  Behaviour b = OrphanFor(5s);
  auto& stays = b.endpoints[0].stays;
  stays.erase(stays.begin() + 2);
  EXPECT_THAT(
      Found(OrphanFor(5s), b),
      ElementsAre("client conn: path: SYN_SENT > ESTABLISHED > FIN_WAIT1 > "
                  "FIN_WAIT2 > CLOSED | SYN_SENT > ESTABLISHED > FIN_WAIT2 > "
                  "CLOSED"));
}

TEST(Difference, IsHowItEndedAndWhoHadIt) {
  Behaviour b = OrphanFor(5s);
  b.endpoints[0].stays[3].orphan = false;
  b.endpoints[0].stays[4].cause = "received RST";
  EXPECT_THAT(Found(OrphanFor(5s), b),
              ElementsAre("client conn: FIN_WAIT2: an orphan | owned",
                          "client conn: CLOSED: entered by \"timewait timer\" "
                          "| by \"received RST\""));
}

TEST(Difference, IsASegmentAndNotTheGapAfterIt) {
  Behaviour b = OrphanFor(5s);
  b.endpoints[0].segments.insert(
      b.endpoints[0].segments.begin() + 1,
      Segment{.sent = true, .flags = tcp::kSyn, .again = true, .after = 1s});
  b.endpoints[0].segments[2].after = 2s;
  EXPECT_THAT(Found(OrphanFor(5s), b),
              ElementsAre("client conn: sent SYN again: not seen | seen"));
}

TEST(Difference, IsACounterAProgramAndAVerdict) {
  Behaviour a = OrphanFor(5s);
  Behaviour b = OrphanFor(5s);
  b.counters["client"]["TcpExtTW"] = {2};
  b.counters["server"]["TcpOutRsts"] = {1};
  a.programs = {{"server", "nginx", "exit code 0"}};
  b.programs = {{"server", "nginx", "signal 9"}};
  b.judgements = {{"client conn", "no RST", judge::Verdict::kFail}};
  EXPECT_THAT(
      Found(a, b),
      ElementsAre("client: TcpExtTW: 1 | 2", "server: TcpOutRsts: 0 | 1",
                  "server: program nginx: exit code 0 | signal 9",
                  "client conn: expected \"no RST\": pass | fail"));
}

TEST(Difference, IsAnEndThatOnlyOneHas) {
  Behaviour b = OrphanFor(5s);
  b.endpoints.clear();
  EXPECT_THAT(Found(OrphanFor(5s), b),
              ElementsAre("client conn: SYN_SENT > ESTABLISHED > FIN_WAIT1 > "
                          "FIN_WAIT2 > CLOSED | not there"));
}

}  // namespace
}  // namespace finwait::compare
