// How many packets netem loses, and which: every model of loss over 10,000
// packets, against its own definition.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "kernel/lab/measured_netem.h"
#include "kernel/lab/netem_models.h"

namespace finwait::lab {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::SizeIs;

class MeasuredLoss : public MeasuredNetem {
 protected:
  Occurrences Lost(const std::string& words) {
    return Count(Missing(Through(words, kManyAtOnce), kMany));
  }

  void ExpectLike(const Trials& model, const std::string& words) {
    const Expected expected = Simulate(model, kMany);
    const Occurrences lost = Lost(words);
    ExpectWithin(lost.times, expected.times, "lost: " + words);
    ExpectWithin(lost.pairs, expected.pairs, "lost with the next: " + words);
    RecordProperty("lost", std::to_string(lost.times / kMany));
    RecordProperty("burst",
                   std::to_string(lost.times / (lost.times - lost.pairs)));
  }
};

TEST_F(MeasuredLoss, IsAsLikelyAsItSays) {
  for (const double percent : {0.1, 1.0, 10.0, 50.0}) {
    const double p = percent / 100;
    const Occurrences lost =
        Lost("loss = \"" + std::to_string(percent) + "%\"");
    ExpectWithin(lost.times, Binomial(kMany, p), "lost");
    // Pairs overlap, so their number varies more than independent ones would:
    // the variance is (1 + 3p) / (1 + p) times theirs, the deviation less than
    // one and a half times.
    const Interval pairs = Binomial(kMany - 1, p * p);
    const double middle = kMany * p * p;
    ExpectWithin(lost.pairs,
                 {middle + (pairs.from - middle) * 1.5,
                  middle + (pairs.to - middle) * 1.5},
                 "lost with the next one");
  }
}

TEST_F(MeasuredLoss, OfEverythingLeavesNothing) {
  EXPECT_THAT(Through("loss = \"100%\"", {.count = 100}), SizeIs(0));
}

TEST_F(MeasuredLoss, HitsBothFamilies) {
  Build("\"two-hosts\"");
  Impair("client:eth0", "loss = \"10%\"");
  for (const auto family : {tcp::Family::kIpv4, tcp::Family::kIpv6}) {
    Flow flow = Between("client", "server", family);
    const auto arrivals = flow.SendAndCollect(kManyAtOnce);
    ExpectWithin(Count(Missing(arrivals, kMany)).times, Binomial(kMany, 0.1),
                 "lost");
  }
}

// Correlation does not keep the chance: a mean of random numbers is seldom far
// from the middle, so that chances below a half shrink and those above grow
// (Linux: net/sched/sch_netem.c get_crandom()).
TEST_F(MeasuredLoss, WithCorrelationIsRarerThanItSays) {
  ExpectLike(Correlated(0.3, 0.25),
             "loss = { random = \"30%\", correlation = \"25%\" }");
  ExpectLike(Correlated(0.3, 0.5),
             "loss = { random = \"30%\", correlation = \"50%\" }");
  EXPECT_LT(Simulate(Correlated(0.3, 0.5), kMany).rate, 0.2);
}

TEST_F(MeasuredLoss, OfFewWithCorrelationHardlyEverHappens) {
  EXPECT_EQ(Lost("loss = { random = \"1%\", correlation = \"50%\" }").times, 0);
}

// Two states: the good one is left with p13, the bad one with p31; bursts
// last 1 / p31.
TEST_F(MeasuredLoss, ByTwoStatesComesInBursts) {
  const Trials model = FourStates({.p13 = 0.02, .p31 = 0.25});
  const Expected expected = Simulate(model, kMany);
  EXPECT_NEAR(expected.rate, 0.02 / (0.02 + 0.25), 0.002);
  EXPECT_NEAR(expected.burst, 1 / 0.25, 0.1);
  ExpectLike(
      model,
      "loss = { state = { p13 = \"2%\", p31 = \"25%\", p32 = \"0%\" } }");
}

TEST_F(MeasuredLoss, ByFourStatesIsAsTheirChancesSay) {
  ExpectLike(
      FourStates(
          {.p13 = 0.05, .p31 = 0.2, .p32 = 0.3, .p23 = 0.4, .p14 = 0.03}),
      "loss = { state = { p13 = \"5%\", p31 = \"20%\", p32 = \"30%\", "
      "p23 = \"40%\", p14 = \"3%\" } }");
}

// The chances out of a state add up to 1 exactly, in 32 bits, too.
TEST_F(MeasuredLoss, ByStatesThatAreAlwaysLeft) {
  ExpectLike(FourStates({.p13 = 0.3, .p31 = 0.3, .p32 = 0.7, .p23 = 0.2}),
             "loss = { state = { p13 = \"30%\", p31 = \"30%\", "
             "p32 = \"70%\", p23 = \"20%\" } }");
  ExpectLike(FourStates({.p13 = 0.3, .p31 = 0.7, .p14 = 0.7}),
             "loss = { state = { p13 = \"30%\", p31 = \"70%\", "
             "p14 = \"70%\" } }");
}

// What is left out: p31 = 1 - p13, so that a burst of 10 % lasts 1.1 packets.
TEST_F(MeasuredLoss, ByOneStateIsTheRest) {
  ExpectLike(FourStates({.p13 = 0.1, .p31 = 0.9}),
             "loss = { state = { p13 = \"10%\" } }");
}

TEST_F(MeasuredLoss, ByGilbertAndElliott) {
  ExpectLike(Gemodel({.p = 0.02, .r = 0.2, .bad = 0.8, .good = 0.01}),
             "loss = { gemodel = { p = \"2%\", r = \"20%\", "
             "one_minus_h = \"80%\", one_minus_k = \"1%\" } }");
}

TEST_F(MeasuredLoss, ByGilbertAlone) {
  const Trials model = Gemodel({.p = 0.01, .r = 0.1});
  EXPECT_NEAR(Simulate(model, kMany).rate, 0.01 / (0.01 + 0.1), 0.005);
  ExpectLike(model, "loss = { gemodel = { p = \"1%\", r = \"10%\" } }");
  ExpectLike(Gemodel({.p = 0.1, .r = 0.9}),
             "loss = { gemodel = { p = \"10%\" } }");
}

class MeasuredEcn : public MeasuredNetem {
 protected:
  static double Marked(const std::vector<Arrival>& arrivals) {
    return static_cast<double>(
        std::count_if(arrivals.begin(), arrivals.end(),
                      [](const Arrival& a) { return a.ecn == 3; }));
  }
};

TEST_F(MeasuredEcn, MarksWhatWouldBeLost) {
  Build("\"two-hosts\"");
  Impair("client:eth0", "loss = \"20%\"\necn = true");
  for (const auto family : {tcp::Family::kIpv4, tcp::Family::kIpv6}) {
    Flow flow = Between("client", "server", family);
    flow.SetEcn(2);
    const auto arrivals = flow.SendAndCollect(kManyAtOnce);
    EXPECT_THAT(arrivals, SizeIs(kMany));
    ExpectWithin(Marked(arrivals), Binomial(kMany, 0.2), "marked");
  }
}

// RFC 3168 section 5: only who speaks ECN may be marked.
TEST_F(MeasuredEcn, LosesWhatMayNotBeMarked) {
  const auto arrivals = Through("loss = \"20%\"\necn = true", kManyAtOnce);
  EXPECT_THAT(arrivals, Each(Field(&Arrival::ecn, 0)));
  ExpectWithin(Count(Missing(arrivals, kMany)).times, Binomial(kMany, 0.2),
               "lost");
}

}  // namespace
}  // namespace finwait::lab
