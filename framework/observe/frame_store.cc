// Keeps and sorts frames.
#include "observe/frame_store.h"

#include <algorithm>
#include <utility>

namespace finwait::observe {

void FrameStore::Announce(const std::string& interface) { IndexOf(interface); }

std::size_t FrameStore::IndexOf(const std::string& interface) {
  const auto [known, is_new] =
      by_name_.try_emplace(interface, interfaces_.size());
  if (is_new) interfaces_.push_back(interface);
  return known->second;
}

void FrameStore::Keep(const std::string& interface, const RawFrame& frame) {
  const std::size_t size = sizeof(tcp::Frame) + frame.bytes.size();
  if (bytes_ + size > most_bytes_) {
    ++not_kept_;
    return;
  }
  bytes_ += size;
  ++kept_;
  frames_.push_back({.at = frame.at,
                     .interface = IndexOf(interface),
                     .sent = frame.sent,
                     .length = frame.length,
                     .bytes = {frame.bytes.begin(), frame.bytes.end()}});
}

tcp::SourceRecord FrameStore::Record() const {
  tcp::SourceRecord record{.name = "frames",
                           .used = true,
                           .detail = "",
                           .events = kept_,
                           .lost = not_kept_};
  if (not_kept_ > 0) {
    record.detail = "those after the first " +
                    std::to_string(most_bytes_ >> 20) +
                    " MiB of frames are not kept";
  }
  return record;
}

std::vector<tcp::Frame> FrameStore::Take() {
  std::stable_sort(
      frames_.begin(), frames_.end(),
      [](const tcp::Frame& a, const tcp::Frame& b) { return a.at < b.at; });
  return std::exchange(frames_, {});
}

}  // namespace finwait::observe
