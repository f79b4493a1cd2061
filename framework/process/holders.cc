#include "process/holders.h"

#include <utility>

namespace finwait::process {
namespace {

constexpr std::size_t kRemembered = 32'000;

}  // namespace

std::vector<tcp::Owner> Holders::Of(std::uint32_t inode) {
  if (inode == 0) return {};
  const auto known = remembered_.find(inode);
  if (known != remembered_.end()) return known->second;
  const auto older = older_.find(inode);
  if (older != older_.end()) {
    auto owners = older->second;
    Remember(inode, owners);
    return owners;
  }
  if (!current_.contains(inode)) Walk();
  std::vector<tcp::Owner> owners;
  const auto [first, last] = current_.equal_range(inode);
  for (auto owner = first; owner != last; ++owner) {
    owners.push_back(owner->second);
  }
  if (!owners.empty()) Remember(inode, owners);
  return owners;
}

void Holders::Remember(std::uint32_t inode,
                       const std::vector<tcp::Owner>& owners) {
  remembered_[inode] = owners;
  if (remembered_.size() >= kRemembered)
    older_ = std::exchange(remembered_, {});
}

void Holders::Walk() {
  const TimePoint begin = MonotonicClock::now();
  if (begin < next_walk_) return;
  current_ = SocketOwners(ns_);
  const TimePoint end = MonotonicClock::now();
  next_walk_ = end + 9 * (end - begin);
}

}  // namespace finwait::process
