#include "observe/ring_record.h"

#include <sys/socket.h>

#include <algorithm>
#include <iterator>

#include "tcp/linux_timing.h"

namespace finwait::observe {
namespace {

tcp::IpAddress AddressOf(std::uint16_t family, const __u8* bytes) {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0,    0,
                                               0, 0, 0, 0, 0xff, 0xff};
  tcp::IpAddress address;
  if (family == AF_INET) {
    std::copy_n(bytes, 4, address.bytes.begin());
  } else if (std::equal(std::begin(kMapped), std::end(kMapped), bytes)) {
    std::copy_n(bytes + sizeof kMapped, 4, address.bytes.begin());
  } else {
    address.family = tcp::Family::kIpv6;
    std::copy_n(bytes, 16, address.bytes.begin());
  }
  return address;
}

Event::Kind KindOf(const finwait_event& record) {
  switch (record.kind) {
    case FINWAIT_TIMER_ARMED:
      return Event::Kind::kTimerArmed;
    case FINWAIT_TIMER_FIRED:
      return Event::Kind::kTimerFired;
    case FINWAIT_TIMER_STOPPED:
      return Event::Kind::kTimerStopped;
    default:
      return Event::Kind::kTransition;
  }
}

std::string CommandOf(const finwait_event& record) {
  const auto* end =
      std::find(std::begin(record.command), std::end(record.command), '\0');
  return {record.command, end};
}

}  // namespace

Event DecodeRecord(const finwait_event& record, const JiffyClock& clock) {
  // Without a slot (Linux before 6.8) the kernel's arithmetic gives it.
  const std::uint64_t slot =
      record.slot != 0 ? record.slot
                       : tcp::WheelSlot(record.requested, record.jiffies);
  const auto at_jiffy = [&](std::uint64_t jiffies) {
    return clock.zero + clock.jiffy * static_cast<std::int64_t>(jiffies);
  };
  // By the kernel's count at that moment, which is behind the clock where the
  // tick came late.
  const TimePoint at(Duration(static_cast<std::int64_t>(record.at)));
  const auto asked =
      static_cast<std::int64_t>(record.requested - record.jiffies);
  return {
      .kind = KindOf(record),
      .source = record.source == FINWAIT_SOCKOPS ? tcp::Source::kSockops
                                                 : tcp::Source::kTracepoint,
      .at = at,
      .host = {},
      .tuple = {{AddressOf(record.family, record.local), record.local_port},
                {AddressOf(record.family, record.remote), record.remote_port}},
      .cookie = record.cookie,
      .from = static_cast<tcp::TcpState>(record.from),
      .to = static_cast<tcp::TcpState>(record.to),
      .error = record.error,
      .pid = static_cast<int>(record.pid),
      .command = CommandOf(record),
      .state = static_cast<tcp::TcpState>(record.to),
      .requested = at + clock.jiffy * asked,
      .slot = at_jiffy(slot),
  };
}

}  // namespace finwait::observe
