#include "observe/watch_list.h"

namespace finwait::observe {

void WatchList::Schedule(std::size_t endpoint, TimePoint when) {
  const auto [entry, added] = due_.try_emplace(endpoint, when);
  if (!added) {
    if (entry->second <= when) return;
    auto [first, last] = queue_.equal_range(entry->second);
    while (first != last && first->second != endpoint) ++first;
    if (first != last) queue_.erase(first);
    entry->second = when;
  }
  queue_.emplace(when, endpoint);
}

std::optional<TimePoint> WatchList::NextDue() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first;
}

std::vector<WatchList::Appointment> WatchList::TakeDue(TimePoint now) {
  std::vector<Appointment> appointments;
  const auto end = queue_.upper_bound(now);
  for (auto due = queue_.begin(); due != end; ++due) {
    appointments.push_back({due->first, due->second});
    due_.erase(due->second);
  }
  queue_.erase(queue_.begin(), end);
  return appointments;
}

}  // namespace finwait::observe
