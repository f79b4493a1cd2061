// Plays a history to an EndpointBook in the order in which the observer's
// thread would get it.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "observe/endpoint_book.h"
#include "observe/watch_list.h"
#include "unit/observe/history.h"

namespace finwait::observe {

struct Sources {
  bool events = true;
  bool timers = true;  // of the events, those of timers
  bool segments = true;
  bool looks = true;  // if not: only when the run ends
  int lost = 0;       // one event in so many is lost
};

// The observer: wakes when something arrives or a look is due, drains what it
// finds, looks, drains again, and evaluates what it saw.
class Replay {
 public:
  Replay(const History& history, const Sources& sources, Random& random)
      : history_(history),
        sources_(sources),
        random_(random),
        book_(TimePoint(milliseconds(500)), Names({}, {}), nullptr) {
    for (const Event& event : history.events) {
      const bool timer = event.kind != Event::Kind::kTransition;
      if (!sources.events || (timer && !sources.timers)) continue;
      if (sources.lost == 0 || !OneIn(random, sources.lost)) {
        events_.push_back(event);
      } else {
        ++lost_;
      }
    }
  }

  std::vector<tcp::EndpointTimeline> Run() {
    while (true) {
      const auto wake = NextWake();
      if (!wake || *wake > history_.end) break;
      now_ = std::max(now_, *wake) + Latency();
      Drain();
      LookAtDue();
    }
    Finish();
    return book_.Take();
  }

  int lost() const { return lost_; }

 private:
  Duration Latency() {
    return Between(random_, microseconds(5),
                   OneIn(random_, 10) ? milliseconds(2) : microseconds(60));
  }

  std::optional<TimePoint> NextWake() {
    std::optional<TimePoint> wake;
    const auto consider = [&](TimePoint at) {
      if (!wake || at < *wake) wake = at;
    };
    if (event_ < events_.size()) consider(events_[event_].at);
    if (packet_ < history_.packets.size() && sources_.segments) {
      consider(history_.packets[packet_].at);
    }
    if (sources_.looks) {
      if (const auto due = watch_list_.NextDue()) consider(*due);
      if (!book_.endpoints().empty()) consider(NextSurprise());
    }
    return wake;
  }

  // Others look, too: when a call returns, or a condition is checked.
  TimePoint NextSurprise() {
    while (surprise_ <= now_) {
      surprise_ = now_ + Between(random_, microseconds(20), milliseconds(400));
      watch_list_.Schedule(0, surprise_);
    }
    return surprise_;
  }

  // Events first, then segments that came while those were read, as
  // Intake::Drain has it. Nothing is visible at once.
  void Drain() {
    const TimePoint until_event =
        now_ - Between(random_, Duration(0), microseconds(5));
    const TimePoint until_packet =
        now_ + Between(random_, microseconds(-15), microseconds(60));
    now_ = std::max(now_, until_packet);
    while (packet_ < history_.packets.size() &&
           history_.packets[packet_].at <= until_packet) {
      const tcp::Packet& packet = history_.packets[packet_++];
      TellEvents(std::min(packet.at, until_event));
      if (sources_.segments) Tell(packet);
    }
    TellEvents(until_event);
    book_.PublishTouched();
  }

  void TellEvents(TimePoint until) {
    while (event_ < events_.size() && events_[event_].at < until) {
      Schedule(book_.OnEvent(events_[event_++]));
    }
  }

  void Tell(const tcp::Packet& packet) {
    const tcp::FourTuple& tuple = history_.tuple;
    const Segment segment{packet.sent ? tuple.local : tuple.remote,
                          packet.sent ? tuple.remote : tuple.local, packet};
    Schedule(book_.OnSegment("host", packet.sent, segment));
  }

  void Schedule(const std::optional<std::size_t>& endpoint) {
    if (endpoint && !book_.finished(*endpoint)) {
      watch_list_.Schedule(*endpoint, now_);
    }
  }

  void LookAtDue() {
    if (!sources_.looks && !finishing_) return;
    const auto due = watch_list_.TakeDue(now_);
    std::vector<tcp::Sample> samples;
    for (std::size_t n = 0; n < due.size(); ++n) samples.push_back(Look());
    if (!due.empty()) Drain();
    for (std::size_t n = 0; n < due.size(); ++n) {
      const auto next =
          book_.OnSample(due[n].endpoint, samples[n], milliseconds(1));
      if (next && !book_.finished(due[n].endpoint)) {
        watch_list_.Schedule(due[n].endpoint, *next);
      }
    }
  }

  // True for some moment between its beginning and its end.
  tcp::Sample Look() {
    tcp::Sample sample;
    sample.before = now_;
    now_ += Between(random_, microseconds(1), microseconds(20));
    const View& view = std::prev(history_.views.upper_bound(now_))->second;
    sample.facts = view.facts;
    if (sample.facts && view.requested > now_) {
      sample.facts->expires = view.requested - now_;
    }
    now_ += Between(random_, microseconds(1), microseconds(20));
    sample.after = now_;
    return sample;
  }

  // As Observer::Finish().
  void Finish() {
    finishing_ = true;
    now_ = std::max(now_, history_.end);
    for (int round = 0; round < 20; ++round) {
      now_ += microseconds(100);
      Drain();
      for (std::size_t n = 0; round == 0 && n < book_.endpoints().size(); ++n) {
        watch_list_.Schedule(n, now_);
      }
      LookAtDue();
      if (!book_.in_doubt()) return;
      now_ = std::max(now_, watch_list_.NextDue().value_or(now_));
    }
  }

  const History& history_;
  Sources sources_;
  Random& random_;
  EndpointBook book_;
  WatchList watch_list_;
  std::vector<Event> events_;
  std::size_t event_ = 0;   // the next to be told
  std::size_t packet_ = 0;  // likewise
  TimePoint now_{milliseconds(500)};
  TimePoint surprise_{milliseconds(500)};
  bool finishing_ = false;
  int lost_ = 0;
};

}  // namespace finwait::observe
