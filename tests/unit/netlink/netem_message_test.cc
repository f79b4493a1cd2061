// netem options against the structures of <linux/pkt_sched.h>.
#include "netlink/netem_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/error.h"

namespace finwait::netlink {
namespace {

using scenario::Distribution;
using scenario::Impairment;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

template <typename T>
T As(const std::uint8_t* bytes) {
  T value{};
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

class Parsed {
 public:
  explicit Parsed(const Impairment& impairment)
      : bytes_(EncodeNetem(impairment)) {
    std::memcpy(&options, bytes_.data(), sizeof(options));
  }

  // The attribute, header included; null if there is none.
  const std::uint8_t* Find(int type) const {
    std::size_t at = sizeof(options);
    while (at + NLA_HDRLEN <= bytes_.size()) {
      auto header = As<nlattr>(bytes_.data() + at);
      if ((header.nla_type & NLA_TYPE_MASK) == type) return &bytes_[at];
      at += NLA_ALIGN(header.nla_len);
    }
    EXPECT_EQ(at, bytes_.size()) << "bytes behind the last attribute";
    return nullptr;
  }

  template <typename T>
  T Get(int type) const {
    const std::uint8_t* found = Find(type);
    EXPECT_NE(found, nullptr) << type;
    if (found == nullptr) return T{};
    EXPECT_EQ(As<nlattr>(found).nla_len, NLA_HDRLEN + sizeof(T)) << type;
    return As<T>(found + NLA_HDRLEN);
  }

  // The one model inside of TCA_NETEM_LOSS.
  template <typename T>
  T Model(int type) const {
    const std::uint8_t* nest = Find(TCA_NETEM_LOSS);
    EXPECT_NE(nest, nullptr);
    if (nest == nullptr) return T{};
    auto inner = As<nlattr>(nest + NLA_HDRLEN);
    EXPECT_EQ(inner.nla_type, type);
    EXPECT_EQ(inner.nla_len, NLA_HDRLEN + sizeof(T));
    return As<T>(nest + std::ptrdiff_t{2} * NLA_HDRLEN);
  }

  tc_netem_qopt options{};

 private:
  std::vector<std::uint8_t> bytes_;
};

// Every field at a value of its own.
Impairment Everything() {
  return {.delay = milliseconds(50),
          .jitter = Duration(1'234'567),
          .delay_correlation = {0.25},
          .loss = scenario::RandomLoss{{0.015}, {0.1}},
          .ecn = true,
          .duplicate = {{0.02}, {0.3}},
          .corrupt = {{0.03}, {0.4}},
          .reorder = {{0.04}, {0.5}},
          .gap = 5,
          .rate = {10'000'000},
          .packet_overhead = -4,
          .limit = 77,
          .slot = scenario::Slot{milliseconds(1), milliseconds(2), 3, 4000},
          .seed = 0x1122334455667788};
}

TEST(NetemMessageTest, FillsTheKernelsStructures) {
  Parsed p(Everything());
  EXPECT_EQ(p.options.limit, 77U);
  EXPECT_EQ(p.options.gap, 5U);
  EXPECT_EQ(p.options.loss, 64424509U);  // 1.5% of 2^32 - 1
  EXPECT_EQ(p.options.duplicate, 85899346U);
  EXPECT_EQ(p.Get<std::int64_t>(TCA_NETEM_LATENCY64), 50'000'000);
  EXPECT_EQ(p.Get<std::int64_t>(TCA_NETEM_JITTER64), 1'234'567);
  auto corr = p.Get<tc_netem_corr>(TCA_NETEM_CORR);
  EXPECT_EQ(corr.delay_corr, 1073741824U);
  EXPECT_EQ(corr.loss_corr, 429496730U);
  EXPECT_EQ(corr.dup_corr, 1288490189U);
  EXPECT_EQ(p.Get<tc_netem_reorder>(TCA_NETEM_REORDER).correlation,
            2147483648U);
  EXPECT_EQ(p.Get<tc_netem_corrupt>(TCA_NETEM_CORRUPT).probability, 128849019U);
  EXPECT_EQ(p.Get<std::uint32_t>(TCA_NETEM_ECN), 1U);
  EXPECT_EQ(p.Get<tc_netem_rate>(TCA_NETEM_RATE).rate, 1'250'000U);
  EXPECT_EQ(p.Get<tc_netem_rate>(TCA_NETEM_RATE).packet_overhead, -4);
  EXPECT_EQ(p.Get<tc_netem_slot>(TCA_NETEM_SLOT).max_delay, 2'000'000);
  EXPECT_EQ(p.Get<tc_netem_slot>(TCA_NETEM_SLOT).max_packets, 3);
  EXPECT_EQ(p.Get<std::uint64_t>(14), 0x1122334455667788U);
}

TEST(NetemMessageTest, CertainIsAllOnes) {
  Parsed p({.loss = scenario::RandomLoss{{1}, {0}}});
  EXPECT_EQ(p.options.loss, UINT32_MAX);
}

TEST(NetemMessageTest, StateLossIsANestInTheKernelsOrder) {
  Parsed p({.loss = scenario::StateLoss{{0.1}, {0.2}, {0.3}, {0.4}, {0.5}}});
  auto gi = p.Model<tc_netem_gimodel>(NETEM_LOSS_GI);
  EXPECT_EQ(gi.p13, 429496730U);
  EXPECT_EQ(gi.p31, 858993459U);
  EXPECT_EQ(gi.p32, 1288490189U);
  EXPECT_EQ(gi.p23, 1717986918U);
  EXPECT_EQ(gi.p14, 2147483648U);
}

// 30 % and 70 %, each rounded, are 2^32 together: in 32 bits nothing.
TEST(NetemMessageTest, ChancesOfOneStateAddUpToCertaintyAtMost) {
  for (const double part : {0.3, 0.5, 0.7, 1.0}) {
    Parsed p({.loss = scenario::StateLoss{
                  {part}, {part}, {1 - part}, {0}, {1 - part}}});
    const auto gi =
        As<tc_netem_gimodel>(p.Find(TCA_NETEM_LOSS) + NLA_HDRLEN + NLA_HDRLEN);
    EXPECT_EQ(gi.p13 + std::uint64_t{gi.p14}, 0xffffffffU) << part;
    EXPECT_EQ(gi.p31 + std::uint64_t{gi.p32}, 0xffffffffU) << part;
  }
}

TEST(NetemMessageTest, GemodelTurnsOneMinusHOver) {
  Parsed p({.loss = scenario::GemodelLoss{{0.1}, {0.2}, {1}, {0}}});
  auto ge = p.Model<tc_netem_gemodel>(NETEM_LOSS_GE);
  EXPECT_EQ(ge.h, 0U);  // loses everything in the bad state
  EXPECT_EQ(ge.k1, 0U);
}

TEST(NetemMessageTest, RatesAbove32BitsOfBytesHaveAnAttribute) {
  Parsed slow({.rate = {8 * std::uint64_t{UINT32_MAX}}});
  EXPECT_EQ(slow.Find(TCA_NETEM_RATE64), nullptr);
  Parsed fast({.rate = {80'000'000'000}});
  EXPECT_EQ(fast.Get<tc_netem_rate>(TCA_NETEM_RATE).rate, UINT32_MAX);
  EXPECT_EQ(fast.Get<std::uint64_t>(TCA_NETEM_RATE64), 10'000'000'000U);
}

// The kernel keeps what a change leaves out.
TEST(NetemMessageTest, NothingIsSaidExplicitly) {
  Parsed p({});
  for (int type : {TCA_NETEM_LATENCY64, TCA_NETEM_JITTER64, TCA_NETEM_CORR,
                   TCA_NETEM_REORDER, TCA_NETEM_CORRUPT, TCA_NETEM_ECN,
                   TCA_NETEM_RATE, TCA_NETEM_SLOT}) {
    EXPECT_NE(p.Find(type), nullptr) << type;
  }
  EXPECT_EQ(p.Find(TCA_NETEM_LOSS), nullptr);
}

TEST(NetemMessageTest, ReorderingNeedsAGap) {
  Parsed p({.delay = milliseconds(1), .reorder = {{0.5}, {0}}});
  EXPECT_EQ(p.options.gap, 1U);
}

TEST(NetemMessageTest, WhatWasEncodedReadsBackTheSame) {
  Impairment state{.loss =
                       scenario::StateLoss{{0.1}, {0.2}, {0.3}, {0.4}, {0.5}}};
  Impairment ge{.loss = scenario::GemodelLoss{{0.1}, {0.2}, {0.9}, {0.01}}};
  Impairment fast{.rate = {80'000'000'000}};
  for (const Impairment& asked : {Everything(), state, ge, fast, {}}) {
    Impairment got = DecodeNetem(EncodeNetem(asked));
    EXPECT_THAT(NetemDifferences(asked, got), IsEmpty());
  }
  EXPECT_EQ(DecodeNetem(EncodeNetem({})), Impairment{});
}

TEST(NetemMessageTest, EveryDifferenceIsNamed) {
  EXPECT_THAT(NetemDifferences(Everything(), {}),
              ElementsAre("delay", "jitter", "correlation", "loss", "ecn",
                          "duplicate", "corrupt", "reorder", "gap", "rate",
                          "packet_overhead", "limit", "slot", "seed"));
  Impairment seeded;
  seeded.seed = 4;  // the kernel's own
  EXPECT_THAT(NetemDifferences({}, seeded), IsEmpty());
}

TEST(NetemMessageTest, SurvivesCutAndBentOptions) {
  std::vector<std::uint8_t> bytes = EncodeNetem(Everything());
  EXPECT_THROW(DecodeNetem(std::span(bytes).first(10)), Error);
  for (std::size_t size = sizeof(tc_netem_qopt); size < 400; ++size) {
    DecodeNetem(std::span(bytes).first(size));
  }
  bytes[sizeof(tc_netem_qopt)] = 0;  // an attribute of no length
  EXPECT_EQ(DecodeNetem(bytes).delay, Duration::zero());
}

double Mean(const std::vector<std::int16_t>& table) {
  return std::accumulate(table.begin(), table.end(), 0.0) /
         static_cast<double>(table.size()) / NETEM_DIST_SCALE;
}

double Variance(const std::vector<std::int16_t>& table) {
  double sum = 0;
  for (std::int16_t value : table) {
    double x = static_cast<double>(value) / NETEM_DIST_SCALE;
    sum += x * x;
  }
  double mean = Mean(table);
  return sum / static_cast<double>(table.size()) - mean * mean;
}

TEST(DelayTableTest, RisesAndFitsTheKernel) {
  for (auto kind : {Distribution::kUniform, Distribution::kNormal,
                    Distribution::kPareto, Distribution::kParetoNormal}) {
    auto table = DelayTable(kind);
    EXPECT_LE(table.size(), std::size_t{NETEM_DIST_MAX});
    EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
    EXPECT_NEAR(Mean(table), 0, 0.05);
  }
}

TEST(DelayTableTest, JitterIsTheStandardDeviation) {
  EXPECT_NEAR(Variance(DelayTable(Distribution::kNormal)), 1, 0.01);
  EXPECT_NEAR(Variance(DelayTable(Distribution::kUniform)), 1.0 / 3, 0.01);
  // 1 without the cut: its tail beyond four deviations is heavy.
  EXPECT_NEAR(Variance(DelayTable(Distribution::kPareto)), 0.543, 0.01);
}

TEST(DelayTableTest, NormalHasTheKnownQuantiles) {
  auto table = DelayTable(Distribution::kNormal);
  auto at = [&](double p) {
    return static_cast<double>(table[static_cast<std::size_t>(
               p * static_cast<double>(table.size()))]) /
           NETEM_DIST_SCALE;
  };
  EXPECT_NEAR(at(0.5), 0, 0.001);
  EXPECT_NEAR(at(0.8413), 1, 0.003);
  EXPECT_NEAR(at(0.0228), -2, 0.01);
}

}  // namespace
}  // namespace finwait::netlink
