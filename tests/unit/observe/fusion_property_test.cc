// Whatever happens to an endpoint, and in whatever order its sources bring the
// news: the timeline is what was true, or says that it is not.
#include <gtest/gtest.h>

#include <sstream>

#include "unit/observe/replay.h"
#include "unit/observe/stories.h"

namespace finwait::observe {
namespace {

constexpr int kHistories = 400;

double Milliseconds(TimePoint at) {
  return static_cast<double>((at - TimePoint(seconds(1))).count()) / 1e6;
}

// Of what was seen, what it takes to understand a failure.
std::string Describe(const History& history,
                     const std::vector<tcp::EndpointTimeline>& seen) {
  std::ostringstream text;
  text << history.story << "\ntrue:\n";
  for (const Truth& truth : history.path) {
    text << "  " << Name(truth.to) << " " << Milliseconds(truth.told) << " .. "
         << Milliseconds(truth.stored) << " ms\n";
  }
  for (const tcp::EndpointTimeline& endpoint : seen) {
    text << "seen: " << endpoint.hole << "\n";
    for (const tcp::Transition& t : endpoint.transitions) {
      text << "  " << Name(t.from) << " -> " << Name(t.to) << " "
           << Milliseconds(t.earliest) << " .. " << Milliseconds(t.latest)
           << " ms, " << Name(t.source) << ", " << t.cause << "\n";
    }
  }
  for (const tcp::Packet& p : history.packets) {
    text << "  " << Milliseconds(p.at) << (p.sent ? " sent " : " received ")
         << tcp::FlagNames(p.flags) << " seq " << p.seq << " ack " << p.ack
         << "\n";
  }
  return text.str();
}

bool SamePath(const History& history, const tcp::EndpointTimeline& seen) {
  return std::equal(history.path.begin(), history.path.end(),
                    seen.transitions.begin(), seen.transitions.end(),
                    [](const Truth& truth, const tcp::Transition& transition) {
                      return truth.to == transition.to;
                    });
}

// Did every change happen when the timeline says?
bool Honest(const History& history, const tcp::EndpointTimeline& seen) {
  return std::equal(history.path.begin(), history.path.end(),
                    seen.transitions.begin(), seen.transitions.end(),
                    [](const Truth& truth, const tcp::Transition& transition) {
                      return transition.earliest <= truth.stored &&
                             transition.latest >= truth.told &&
                             transition.at >= transition.earliest &&
                             transition.at <= transition.latest;
                    });
}

struct Tally {
  int holes = 0;
  int told = 0;   // transitions known from events
  int total = 0;  // of all
};

// Every timeline is true; one with a hole may be anything.
Tally PlayAll(const Sources& sources, unsigned seed) {
  Tally tally;
  for (int n = 0; n < kHistories; ++n) {
    Random random(seed + n);
    const History history = Story(random).Tell();
    Replay replay(history, sources, random);
    const auto seen = replay.Run();
    SCOPED_TRACE("seed " + std::to_string(seed + n));
    if (seen.size() != 1) {
      ADD_FAILURE() << "one endpoint\n" << Describe(history, seen);
      return tally;
    }
    if (!seen[0].hole.empty()) {
      ++tally.holes;
      if (sources.lost != 0) continue;
    }
    EXPECT_EQ(seen[0].hole, "");
    EXPECT_TRUE(SamePath(history, seen[0]));
    EXPECT_TRUE(Honest(history, seen[0]));
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << Describe(history, seen);
      return tally;
    }
    for (const tcp::Transition& transition : seen[0].transitions) {
      const bool told = transition.source == tcp::Source::kSockops ||
                        transition.source == tcp::Source::kTracepoint;
      tally.told += told ? 1 : 0;
      ++tally.total;
    }
  }
  return tally;
}

TEST(Fusion, OfAllSourcesIsTheTruth) { PlayAll({}, 10'000); }

TEST(Fusion, WithoutEventsIsTheTruth) { PlayAll({.events = false}, 20'000); }

TEST(Fusion, WithoutTimerEventsIsTheTruth) {
  PlayAll({.timers = false}, 30'000);
}

TEST(Fusion, WithoutSegmentsIsTheTruth) {
  PlayAll({.segments = false}, 40'000);
}

TEST(Fusion, WithALookOnlyAtTheEndIsTheTruth) {
  PlayAll({.looks = false}, 50'000);
}

TEST(Fusion, OfWhatIsLeftWhenEventsAreLostIsTrueOrAHole) {
  PlayAll({.lost = 100}, 60'000);
}

}  // namespace
}  // namespace finwait::observe
