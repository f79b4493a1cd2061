// Impairments in the loader's own words, on a topology of topologies/, and
// what the tests that measure them have in common.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "kernel/lab/statistics.h"
#include "kernel/lab/traffic.h"
#include "lab/lab.h"
#include "netlink/qdisc.h"
#include "netns/user_namespace.h"
#include "scenario/load.h"

namespace finwait::lab {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline scenario::Scenario ScenarioOf(const std::string& rest,
                                     const std::string& topology) {
  const auto loaded = scenario::ParseScenario(
      "title = \"measured\"\ntopology = " + topology + "\n" + rest,
      "measured.toml", {FINWAIT_TOPOLOGIES});
  for (const auto& d : loaded.diagnostics) ADD_FAILURE() << ToString(d);
  return loaded.cases.at(0);
}

// What the loader makes of the words of an [impair] table.
inline scenario::Impairment Words(const std::string& words) {
  return ScenarioOf("[impair.\"client:eth0\"]\n" + words, "\"two-hosts\"")
      .impairments.at(0)
      .impairment;
}

// Needs netem; elsewhere its tests are skipped.
class MeasuredNetem : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { netns::EnsurePrivilege(); }

  void SetUp() override {
    if (!netlink::HasNetem()) {
      GTEST_SKIP() << "this kernel has no sch_netem";
    }
  }

  // "dual-stack" is the quietest: eth0 carries IPv4 alone, and so nothing but
  // what a test sends.
  void Build(const std::string& topology) {
    lab_.emplace(ScenarioOf("", topology).topology);
  }

  // With a seed where the kernel takes one (Linux 6.6), so that every run
  // draws the same.
  void Impair(const std::string& end, const std::string& words) {
    scenario::Impairment impairment = Words(words);
    if (!impairment.seed) impairment.seed = 1;
    try {
      lab_->Impair(end, impairment);
    } catch (const Unsupported&) {
      impairment.seed.reset();
      lab_->Impair(end, impairment);
    }
  }

  Flow Between(const std::string& from, const std::string& to,
               tcp::Family family = tcp::Family::kIpv4) {
    return {*lab_, from, to, family};
  }

  // What `count` packets become that leave the client through eth0, over IPv4
  // and in bursts that no socket buffer is too small for.
  std::vector<Arrival> Through(const std::string& words, Sending sending) {
    Build("\"dual-stack\"");
    Impair("client:eth0", words);
    Flow flow = Between("client", "server");
    auto arrivals = flow.SendAndCollect(sending);
    EXPECT_EQ(flow.overflow(), 0U) << "the receiver was too slow";
    return arrivals;
  }

  std::optional<Lab> lab_;
};

constexpr int kMany = 10'000;

// Ten thousand, for what does not depend on time. The pauses are for a kernel
// that leaves bursts to ksoftirqd: it needs the CPU that sends.
constexpr Sending kManyAtOnce{
    .count = kMany, .burst = 64, .spacing = microseconds(100)};

// Which of the numbers below `count` are absent.
inline std::vector<bool> Missing(const std::vector<Arrival>& arrivals,
                                 int count) {
  std::vector<bool> missing(static_cast<std::size_t>(count), true);
  for (const Arrival& arrival : arrivals) {
    missing.at(static_cast<std::size_t>(arrival.number)) = false;
  }
  return missing;
}

inline std::vector<int> Numbers(const std::vector<Arrival>& arrivals) {
  std::vector<int> numbers;
  for (const Arrival& arrival : arrivals) numbers.push_back(arrival.number);
  return numbers;
}

inline void ExpectWithin(double value, const Interval& interval,
                         const std::string& what) {
  EXPECT_GE(value, interval.from) << what;
  EXPECT_LE(value, interval.to) << what;
}

inline double Milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Does computing take no time? So it is in user-mode Linux; under QEMU every
// instruction counts a nanosecond.
inline bool CpuIsInstant() {
  const TimePoint before = MonotonicClock::now();
  for (volatile int i = 0; i < 100'000;) i = i + 1;
  return TimeIsVirtual() && MonotonicClock::now() - before < microseconds(10);
}

// How late a packet may be noticed. With an instant CPU only readings of the
// clock take time (256 ns each, Linux: arch/um/kernel/time.c timer_read()).
// Under QEMU it is what the kernel computes for a burst. In real time any
// machine may be later; one that is so by 20 ms is too busy for this.
inline Duration Late() {
  static const bool kInstant = CpuIsInstant();
  if (kInstant) return microseconds(10);
  return TimeIsVirtual() ? milliseconds(1) : milliseconds(20);
}

// Nothing early, nothing late. Early by 0.1 % is the wall clock being slewed
// (adjtimex(2): 500 ppm). In real time only half of them need to be in time.
inline void ExpectDelays(const std::vector<Arrival>& arrivals, Duration delay) {
  ASSERT_FALSE(arrivals.empty());
  std::vector<Duration> delays;
  for (const Arrival& arrival : arrivals) delays.push_back(arrival.delay());
  std::sort(delays.begin(), delays.end());
  EXPECT_GE(delays.front(), TimeIsVirtual() ? delay : delay - delay / 1000);
  EXPECT_LE(TimeIsVirtual() ? delays.back() : delays[delays.size() / 2],
            delay + Late());
}

}  // namespace finwait::lab
