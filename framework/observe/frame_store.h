// The frames of a run, for pcapng.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "observe/capture.h"
#include "tcp/timeline.h"

namespace finwait::observe {

// Keeps frames until there are too many. One thread at a time.
class FrameStore {
 public:
  // What all frames of a run may take: more than a million of them.
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20;

  explicit FrameStore(std::size_t most_bytes = kMostBytes)
      : most_bytes_(most_bytes) {}

  // An interface that is to be named even if nothing passes it. Others are
  // when something does.
  void Announce(const std::string& interface);

  void Keep(const std::string& interface, const RawFrame& frame);

  const std::vector<std::string>& interfaces() const { return interfaces_; }
  // How many there are, and how many found no room.
  tcp::SourceRecord Record() const;
  // Hands over all, in the order of time.
  std::vector<tcp::Frame> Take();

 private:
  std::size_t IndexOf(const std::string& interface);

  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t kept_ = 0;
  std::uint64_t not_kept_ = 0;
  std::vector<std::string> interfaces_;
  std::map<std::string, std::size_t> by_name_;
  std::vector<tcp::Frame> frames_;
};

}  // namespace finwait::observe
