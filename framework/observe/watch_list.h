// When to look at which socket next. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/clock.h"

namespace finwait::observe {

// One appointment per endpoint at most, the earliest. One thread at a time.
class WatchList {
 public:
  struct Appointment {
    TimePoint due;
    std::size_t endpoint;
  };

  // Looks at `endpoint` at `when`, unless an earlier look is due anyway.
  void Schedule(std::size_t endpoint, TimePoint when);

  std::optional<TimePoint> NextDue() const;

  // Takes out everything that is due by `now`, in order of time.
  std::vector<Appointment> TakeDue(TimePoint now);

  std::size_t size() const { return due_.size(); }

 private:
  std::multimap<TimePoint, std::size_t> queue_;
  std::unordered_map<std::size_t, TimePoint> due_;
};

}  // namespace finwait::observe
