// Who holds the sockets of a namespace, and who held those that nobody holds
// any more.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/clock.h"
#include "process/owners.h"

namespace finwait::process {

// Remembers the holders of the sockets that were asked for, of 32,000 or more
// sockets at least, and walks through
// /proc when one is asked for that it does not know; never for more than a
// tenth of the time. `ns` must outlive it. One thread at a time.
class Holders {
 public:
  explicit Holders(const netns::Namespace& ns) : ns_(ns) {}

  // By inode; none for 0, for a socket that no process of `ns` has, and for
  // one that came and went between two walks.
  std::vector<tcp::Owner> Of(std::uint32_t inode);

  // The socket is gone. Its number may be given to another one.
  void Forget(std::uint32_t inode) {
    remembered_.erase(inode);
    older_.erase(inode);
  }

 private:
  using Remembered = std::map<std::uint32_t, std::vector<tcp::Owner>>;
  void Walk();
  void Remember(std::uint32_t inode, const std::vector<tcp::Owner>& owners);

  const netns::Namespace& ns_;
  std::multimap<std::uint32_t, tcp::Owner> current_;  // as of the last walk
  Remembered remembered_;
  Remembered older_;  // gives way when remembered_ is full
  TimePoint next_walk_{};
};

}  // namespace finwait::process
