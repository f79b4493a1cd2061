#include "process/holders.h"

namespace finwait::process {

std::vector<tcp::Owner> Holders::Of(std::uint32_t inode) {
  if (inode == 0) return {};
  const auto known = remembered_.find(inode);
  if (known != remembered_.end()) return known->second;
  if (!current_.contains(inode)) Walk();
  std::vector<tcp::Owner> owners;
  const auto [first, last] = current_.equal_range(inode);
  for (auto owner = first; owner != last; ++owner) {
    owners.push_back(owner->second);
  }
  if (!owners.empty()) remembered_[inode] = owners;
  return owners;
}

void Holders::Walk() {
  const TimePoint begin = MonotonicClock::now();
  if (begin < next_walk_) return;
  current_ = SocketOwners(ns_);
  const TimePoint end = MonotonicClock::now();
  next_walk_ = end + 9 * (end - begin);
}

}  // namespace finwait::process
