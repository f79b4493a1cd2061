// Who holds the sockets of a namespace, and who held those that nobody holds
// any more.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/clock.h"
#include "process/owners.h"

namespace finwait::process {

// Remembers the holders of every socket that was asked for, and walks through
// /proc when one is asked for that it does not know; never for more than a
// tenth of the time. `ns` must outlive it. One thread at a time.
class Holders {
 public:
  explicit Holders(const netns::Namespace& ns) : ns_(ns) {}

  // By inode; none for 0, for a socket that no process of `ns` has, and for
  // one that came and went between two walks.
  std::vector<tcp::Owner> Of(std::uint32_t inode);

  // The socket is gone. Its number may be given to another one.
  void Forget(std::uint32_t inode) { remembered_.erase(inode); }

 private:
  void Walk();

  const netns::Namespace& ns_;
  std::multimap<std::uint32_t, tcp::Owner> current_;  // as of the last walk
  std::map<std::uint32_t, std::vector<tcp::Owner>> remembered_;
  TimePoint next_walk_{};
};

}  // namespace finwait::process
