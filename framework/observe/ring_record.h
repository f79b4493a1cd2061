// What the BPF programs write, as Events. Pure.
#pragma once

#include <linux/types.h>

#include "observe/bpf/tcp_event.h"
#include "observe/event_source.h"

namespace finwait::observe {

// From jiffies to the clock that we judge by.
struct JiffyClock {
  TimePoint zero;  // when jiffy 0 would have been
  Duration jiffy{};
};

// Everything but Event::host, which the record names by a number.
Event DecodeRecord(const finwait_event& record, const JiffyClock& clock);

}  // namespace finwait::observe
