// What the BPF programs write into the ring is read as it was meant.
#include "observe/ring_record.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>

namespace finwait::observe {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tcp::TcpState;

constexpr JiffyClock kClock{TimePoint(seconds(-300)), milliseconds(4)};

finwait_event Record(finwait_kind kind, finwait_source source) {
  finwait_event record{};
  record.at = 5'000'000'123;
  record.cookie = 42;
  record.family = AF_INET;
  const __u8 local[] = {10, 0, 0, 1};
  const __u8 remote[] = {10, 0, 0, 2};
  std::memcpy(record.local, local, sizeof local);
  std::memcpy(record.remote, remote, sizeof remote);
  record.local_port = 40000;
  record.remote_port = 80;
  record.kind = kind;
  record.source = source;
  return record;
}

TEST(RingRecord, HoldsAChangeOfState) {
  finwait_event record = Record(FINWAIT_TRANSITION, FINWAIT_SOCKOPS);
  record.from = 1;
  record.to = 4;
  const Event event = DecodeRecord(record, kClock);
  EXPECT_EQ(event.kind, Event::Kind::kTransition);
  EXPECT_EQ(event.source, tcp::Source::kSockops);
  EXPECT_EQ(event.at.time_since_epoch().count(), 5'000'000'123);
  EXPECT_EQ(event.from, TcpState::kEstablished);
  EXPECT_EQ(event.to, TcpState::kFinWait1);
  EXPECT_EQ(event.cookie, 42U);
  EXPECT_EQ(event.tuple.local.ip, *tcp::ParseIpAddress("10.0.0.1"));
  EXPECT_EQ(event.tuple.local.port, 40000);
  EXPECT_EQ(event.tuple.remote.ip, *tcp::ParseIpAddress("10.0.0.2"));
  EXPECT_EQ(event.tuple.remote.port, 80);
}

TEST(RingRecord, OfATracepointHoldsWhoMadeTheChange) {
  finwait_event record = Record(FINWAIT_TRANSITION, FINWAIT_TRACEPOINT);
  record.error = 104;
  record.pid = 4711;
  // As long as the kernel has it: without an end.
  std::memcpy(record.command, "sixteen-letters!", sizeof record.command);
  const Event event = DecodeRecord(record, kClock);
  EXPECT_EQ(event.source, tcp::Source::kTracepoint);
  EXPECT_EQ(event.error, 104);
  EXPECT_EQ(event.pid, 4711);
  EXPECT_EQ(event.command, "sixteen-letters!");
}

TEST(RingRecord, HoldsIpv6) {
  finwait_event record = Record(FINWAIT_TRANSITION, FINWAIT_SOCKOPS);
  record.family = AF_INET6;
  const auto address = *tcp::ParseIpAddress("2001:db8::1");
  std::memcpy(record.local, address.bytes.data(), sizeof record.local);
  const Event event = DecodeRecord(record, kClock);
  EXPECT_EQ(event.tuple.local.ip, address);
  EXPECT_EQ(event.tuple.local.ip.family, tcp::Family::kIpv6);
}

// A socket of AF_INET6 that talks IPv4 is the one that the segments show.
TEST(RingRecord, OfAMappedAddressIsIpv4) {
  finwait_event record = Record(FINWAIT_TRANSITION, FINWAIT_SOCKOPS);
  record.family = AF_INET6;
  const __u8 mapped[16] = {0, 0, 0,    0,    0,  0, 0, 0,
                           0, 0, 0xff, 0xff, 10, 0, 0, 9};
  std::memcpy(record.remote, mapped, sizeof mapped);
  const Event event = DecodeRecord(record, kClock);
  EXPECT_EQ(event.tuple.remote.ip, *tcp::ParseIpAddress("10.0.0.9"));
}

TEST(RingRecord, HoldsATimersTimes) {
  finwait_event record = Record(FINWAIT_TIMER_ARMED, FINWAIT_TRACEPOINT);
  record.to = 5;
  record.jiffies = 76'250;
  record.requested = 76'500;
  record.slot = 76'504;
  const Event event = DecodeRecord(record, kClock);
  EXPECT_EQ(event.kind, Event::Kind::kTimerArmed);
  EXPECT_EQ(event.state, TcpState::kFinWait2);
  EXPECT_EQ(event.requested, event.at + seconds(1));
  EXPECT_EQ(event.slot, TimePoint(milliseconds(6016)));
}

// Linux before 6.8: 250 jiffies are on the wheel's second level, whose slots
// are eight jiffies long.
TEST(RingRecord, WithoutASlotHasTheOneThatTheKernelComputes) {
  finwait_event record = Record(FINWAIT_TIMER_ARMED, FINWAIT_TRACEPOINT);
  record.jiffies = 76'250;
  record.requested = 76'500;
  EXPECT_EQ(DecodeRecord(record, kClock).slot, TimePoint(milliseconds(6016)));
}

TEST(RingRecord, HoldsATimersEnd) {
  EXPECT_EQ(
      DecodeRecord(Record(FINWAIT_TIMER_FIRED, FINWAIT_TRACEPOINT), kClock)
          .kind,
      Event::Kind::kTimerFired);
  EXPECT_EQ(
      DecodeRecord(Record(FINWAIT_TIMER_STOPPED, FINWAIT_TRACEPOINT), kClock)
          .kind,
      Event::Kind::kTimerStopped);
}

}  // namespace
}  // namespace finwait::observe
