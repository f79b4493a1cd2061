#include "observe/intake.h"

#include <algorithm>
#include <stdexcept>

namespace finwait::observe {

Intake::Intake(std::vector<Vantage> vantages,
               std::vector<std::unique_ptr<EventSource>> sources,
               bool keep_frames)
    : frames_(keep_frames ? StoreFor(vantages) : nullptr),
      watches_(WatchAll(std::move(vantages), frames_.get())),
      sources_(std::move(sources)) {
  for (const auto& watch : watches_) by_host_[watch->host()] = watch.get();
}

Intake::~Intake() { Release(std::move(watches_)); }

std::vector<int> Intake::fds() const {
  std::vector<int> fds;
  for (const auto& source : sources_) {
    if (source->fd() >= 0) fds.push_back(source->fd());
  }
  for (const auto& watch : watches_) {
    for (const int fd : watch->fds()) fds.push_back(fd);
  }
  return fds;
}

// Events are collected first: a segment is seen before, or soon after, the
// event that belongs to it, which then finds what the segment proposed.
bool Intake::Drain(EndpointBook& book,
                   const std::function<void(std::size_t)>& look) {
  std::vector<std::size_t> noticed;
  for (const auto& source : sources_) Collect(*source);
  for (const auto& watch : watches_) Collect(*watch, noticed, book);
  const bool anything = !noticed.empty() || !passed_.empty() || !told_.empty();
  for (const std::size_t endpoint : noticed) look(endpoint);
  TellInOrder(book, look);
  return anything;
}

void Intake::Collect(EventSource& source) {
  source.Drain([&](const Event& event) {
    const auto watch = by_host_.find(event.host);
    if (watch == by_host_.end()) return;
    if (watch->second->IsOwn(event.tuple.local.ip)) told_.push_back(event);
  });
}

void Intake::Collect(HostWatch& watch, std::vector<std::size_t>& noticed,
                     const EndpointBook& book) {
  watch.Drain(
      [&](const Segment& segment, bool sent) {
        passed_.push_back({&watch, sent, segment});
      },
      [&](const tcp::FourTuple& tuple) {
        const auto endpoint = book.Find(watch.host(), tuple);
        if (endpoint) noticed.push_back(*endpoint);
      });
}

template <typename T>
void Intake::SortByTime(std::vector<T>& batch) {
  std::stable_sort(batch.begin(), batch.end(), [](const T& a, const T& b) {
    return TimeOf(a) < TimeOf(b);
  });
}

void Intake::TellInOrder(EndpointBook& book,
                         const std::function<void(std::size_t)>& look) {
  SortByTime(passed_);
  SortByTime(told_);
  auto event = told_.begin();
  const auto tell_until = [&](TimePoint end) {
    for (; event != told_.end() && event->at < end; ++event) {
      if (const auto endpoint = book.OnEvent(*event)) look(*endpoint);
    }
  };
  for (const auto& [watch, sent, segment] : passed_) {
    tell_until(segment.packet.at);
    const auto endpoint = book.OnSegment(watch->host(), sent, segment);
    if (endpoint) look(*endpoint);
  }
  tell_until(TimePoint::max());
  book.PublishTouched();
  segments_ += passed_.size();
  passed_.clear();
  told_.clear();
}

HostWatch& Intake::WatchOf(const std::string& host) {
  const auto found = by_host_.find(host);
  if (found != by_host_.end()) return *found->second;
  throw std::logic_error("host " + host + " is not watched");
}

std::uint64_t Intake::packets_dropped() const {
  std::uint64_t dropped = 0;
  for (const auto& watch : watches_) dropped += watch->dropped();
  return dropped;
}

std::vector<tcp::SourceRecord> Intake::Records() const {
  std::vector<tcp::SourceRecord> records;
  for (const auto& source : sources_) {
    for (auto& record : source->Records()) records.push_back(std::move(record));
  }
  records.push_back({.name = "packets",
                     .used = true,
                     .detail = {},
                     .events = segments_,
                     .lost = packets_dropped()});
  if (frames_) records.push_back(frames_->Record());
  return records;
}

}  // namespace finwait::observe
