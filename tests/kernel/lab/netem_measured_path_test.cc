// Impairments over whole paths and over time: every topology of topologies/,
// changes at a later step, lifting, seeds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "kernel/lab/measured_netem.h"
#include "lab/session.h"

namespace finwait::lab {
namespace {

using tcp::Family;
using ::testing::ElementsAre;
using ::testing::SizeIs;

// A path through a topology: the ends that packets leave through, there and
// back.
struct Path {
  std::string topology;
  std::string from;
  std::string to;
  Family family = Family::kIpv4;
  std::vector<std::string> there;
  std::vector<std::string> back;
};

void PrintTo(const Path& path, std::ostream* out) { *out << path.topology; }

std::vector<Path> Paths() {
  std::vector<Path> paths;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const std::string own = family == Family::kIpv4 ? "eth0" : "eth1";
    paths.push_back({"two-hosts",
                     "client",
                     "server",
                     family,
                     {"client:eth0"},
                     {"server:eth0"}});
    paths.push_back({"dual-stack",
                     "client",
                     "server",
                     family,
                     {"client:" + own},
                     {"server:" + own}});
    paths.push_back({"client-router-server",
                     "client",
                     "server",
                     family,
                     {"client:eth0", "router:eth1"},
                     {"server:eth0", "router:eth0"}});
    paths.push_back({"three-hops",
                     "client",
                     "server",
                     family,
                     {"client:eth0", "r1:eth1", "r2:eth1"},
                     {"server:eth0", "r2:eth0", "r1:eth0"}});
    paths.push_back({"lan",
                     "host1",
                     "host3",
                     family,
                     {"host1:eth0", "switch:port3"},
                     {"host3:eth0", "switch:port1"}});
  }
  return paths;
}

class MeasuredPath : public MeasuredNetem,
                     public ::testing::WithParamInterface<Path> {
 protected:
  // A different delay at every end: 10 ms, 20 ms, ...; returns their sum.
  Duration Delay(const std::vector<std::string>& ends, Duration first) {
    Duration sum{};
    for (const std::string& end : ends) {
      Impair(end, "delay = \"" + Format(first) + '"');
      sum += first;
      first += milliseconds(10);
    }
    return sum;
  }
};

INSTANTIATE_TEST_SUITE_P(
    Through, MeasuredPath, ::testing::ValuesIn(Paths()), [](const auto& path) {
      std::string name = path.param.topology;
      std::replace(name.begin(), name.end(), '-', '_');
      return name + (path.param.family == Family::kIpv4 ? "_v4" : "_v6");
    });

TEST_P(MeasuredPath, AddsUpTheDelaysOfItsHops) {
  const Path& path = GetParam();
  Build('"' + path.topology + '"');
  const Duration there = Delay(path.there, milliseconds(10));
  const Duration back = Delay(path.back, milliseconds(15));
  for (const auto& [from, to, delay] : {std::tuple(path.from, path.to, there),
                                        std::tuple(path.to, path.from, back)}) {
    const auto arrivals = Between(from, to, path.family).SendAndCollect({});
    EXPECT_THAT(arrivals, SizeIs(100));
    ExpectDelays(arrivals, delay);
  }
}

class MeasuredTopologies : public MeasuredNetem {};

TEST_F(MeasuredTopologies, AreAllThatThereAre) {
  std::map<std::string, int> paths;
  for (const Path& path : Paths()) ++paths[path.topology + ".toml"];
  for (const auto& file :
       std::filesystem::directory_iterator(FINWAIT_TOPOLOGIES)) {
    EXPECT_EQ(paths[file.path().filename()], 2) << file.path();
  }
}

// Losses of hops are independent: three of 10 % let 72.9 % through.
TEST_F(MeasuredTopologies, MultiplyWhatTheirHopsLetThrough) {
  Build("\"three-hops\"");
  int seed = 1;
  for (const char* end : {"client:eth0", "r1:eth1", "r2:eth1"}) {
    Impair(end, "loss = \"10%\"\nseed = " + std::to_string(seed++));
  }
  Flow flow = Between("client", "server");
  const auto arrivals = flow.SendAndCollect(kManyAtOnce);
  ExpectWithin(static_cast<double>(arrivals.size()),
               Binomial(kMany, 0.9 * 0.9 * 0.9), "came");
}

// The narrowest hop sets the pace.
TEST_F(MeasuredTopologies, AreAsFastAsTheirSlowestHop) {
  Build("\"three-hops\"");
  Impair("client:eth0", "rate = \"4mbit\"");
  Impair("r1:eth1", "rate = \"1mbit\"");
  Impair("r2:eth1", "rate = \"2mbit\"");
  Flow flow = Between("client", "server");
  const auto arrivals =
      flow.SendAndCollect({.count = 100, .burst = 100, .frame = 1000});
  ASSERT_THAT(arrivals, SizeIs(100));
  // 2 ms, 8 ms for each of a hundred, 4 ms; and what the hosts themselves say
  // over IPv6 in their first seconds, reports of groups of some 100 bytes.
  for (const auto& [arrival, want] :
       {std::pair(arrivals.front(), milliseconds(14)),
        std::pair(arrivals.back(), milliseconds(806))}) {
    const Duration took = arrival.at - arrivals.front().sent;
    EXPECT_GE(took, want - want / 1000);
    EXPECT_LE(took, want + milliseconds(5) + Late());
  }
}

// Steps of a scenario, with packets before, between and behind them.
class MeasuredSteps : public MeasuredNetem {
 protected:
  void Begin(const std::string& rest) {
    scenario_ = ScenarioOf(rest, "\"two-hosts\"");
    session_.emplace(scenario_, RunOptions{});
    flow_.emplace(session_->lab(), "client", "server", Family::kIpv4);
  }

  void Play(std::size_t step) {
    EXPECT_FALSE(session_->Play(scenario_.steps.at(step)));
  }

  scenario::Scenario scenario_;
  std::optional<Session> session_;
  std::optional<Flow> flow_;
};

constexpr char kChangedAndLifted[] = R"(
[impair."client:eth0"]
delay = "200ms"
[[step]]
impair = { "client:eth0" = { delay = "10ms" } }
[[step]]
lift = "client:eth0"
)";

TEST_F(MeasuredSteps, ChangeAndLiftADelay) {
  Begin(kChangedAndLifted);
  ExpectDelays(flow_->SendAndCollect({}), milliseconds(200));
  Play(0);
  ExpectDelays(flow_->SendAndCollect({}), milliseconds(10));
  Play(1);
  ExpectDelays(flow_->SendAndCollect({}), Duration::zero());
}

// What is under way keeps the delay that it was sent with.
TEST_F(MeasuredSteps, ChangeNothingOfWhatIsUnderWay) {
  Begin(kChangedAndLifted);
  flow_->Send({.count = 1});
  Play(0);
  flow_->Send({.count = 1});
  const auto arrivals = flow_->Collect();
  ASSERT_THAT(Numbers(arrivals), ElementsAre(1, 0));
  ExpectDelays({arrivals[0]}, milliseconds(10));
  ExpectDelays({arrivals[1]}, milliseconds(200));
}

// Lifting takes the queue away with all that is in it (Linux:
// net/sched/sch_generic.c qdisc_reset()).
TEST_F(MeasuredSteps, LoseWhatIsUnderWayWithALift) {
  Begin(kChangedAndLifted);
  flow_->Send({.count = 3});
  Play(1);
  flow_->Send({.count = 1});
  EXPECT_THAT(Numbers(flow_->Collect()), ElementsAre(3));
}

class MeasuredSeed : public MeasuredNetem {
 protected:
  void SetUp() override {
    MeasuredNetem::SetUp();
    if (IsSkipped()) return;
    Build("\"dual-stack\"");
    try {
      lab_->Impair("client:eth0", Words("loss = \"1%\"\nseed = 1"));
    } catch (const Unsupported& e) {
      GTEST_SKIP() << e.what();
    }
  }

  std::vector<int> Came(const std::string& words) {
    return Numbers(Through(words, {.count = 2000, .burst = 50}));
  }
};

TEST_F(MeasuredSeed, GivesTheSameLossesInEveryRun) {
  const std::string loss = "loss = \"10%\"\nduplicate = \"5%\"\n";
  const auto once = Came(loss + "seed = 7");
  EXPECT_EQ(Came(loss + "seed = 7"), once);
  EXPECT_NE(Came(loss + "seed = 8"), once);
}

TEST_F(MeasuredSeed, GivesTheSameMarkovLossesInEveryRun) {
  const std::string loss =
      "loss = { gemodel = { p = \"5%\", r = \"30%\" } }\nseed = 7";
  EXPECT_EQ(Came(loss), Came(loss));
}

// Who overtakes, that is; where two meet is a matter of microseconds.
TEST_F(MeasuredSeed, GivesTheSameOvertakersInEveryRun) {
  const auto overtakers = [&] {
    std::vector<int> numbers;
    for (const Arrival& arrival :
         Through("delay = \"20ms\"\nreorder = \"25%\"\nseed = 7",
                 {.count = 2000, .burst = 50})) {
      if (arrival.delay() < milliseconds(10)) numbers.push_back(arrival.number);
    }
    return numbers;
  };
  const auto once = overtakers();
  EXPECT_THAT(once, ::testing::Not(::testing::IsEmpty()));
  EXPECT_EQ(overtakers(), once);
}

// What correlated numbers begin from has no seed (Linux:
// net/sched/sch_netem.c init_crandom()): the runs are one only when it is
// forgotten, with a correlation of one half after 32 packets for good.
TEST_F(MeasuredSeed, ForgetsWhereACorrelationBegan) {
  const auto behind = [&] {
    auto numbers =
        Came("loss = { random = \"40%\", correlation = \"50%\" }\nseed = 7");
    std::erase_if(numbers, [](int number) { return number < 40; });
    return numbers;
  };
  EXPECT_EQ(behind(), behind());
}

// Set again, it begins again.
TEST_F(MeasuredSeed, BeginsAnewWithAChange) {
  Build("\"dual-stack\"");
  Flow flow = Between("client", "server");
  std::vector<std::vector<int>> runs;
  for (int run = 0; run < 2; ++run) {
    Impair("client:eth0", "loss = \"10%\"\nseed = 7");
    runs.push_back(Numbers(flow.SendAndCollect({.count = 1000, .burst = 50})));
  }
  EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace finwait::lab
