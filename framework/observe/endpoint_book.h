// All endpoints of a run and what is known of each. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "observe/endpoint_tracker.h"
#include "observe/jiffy_clock.h"
#include "observe/names.h"
#include "observe/segment.h"
#include "observe/slot_forecast.h"
#include "tcp/timeline.h"

namespace finwait::observe {

// Finds or starts the endpoint for every segment and sample and keeps its
// EndpointTimeline up to date. One thread at a time.
class EndpointBook {
 public:
  using OnTransition =
      std::function<void(const tcp::EndpointTimeline&, const tcp::Transition&)>;

  // `forget`: what is over makes room, see ForgetFinished; of what is not, only
  // what its next transition may need is kept.
  EndpointBook(TimePoint origin, Names names, OnTransition on_transition,
               bool forget = false);

  // A segment passed an interface of `host`, which is its sender or its
  // receiver. The endpoint to look at now, if any.
  std::optional<std::size_t> OnSegment(const std::string& host, bool sent,
                                       const Segment& segment);

  // The kernel told of a socket. The endpoint to look at now, if any.
  std::optional<std::size_t> OnEvent(const Event& event);

  // A socket that is there although nothing told of its birth: because it is
  // older than the observation, or because of `hole`.
  std::size_t Adopt(const std::string& host, const tcp::FourTuple& tuple,
                    tcp::TcpState state, const std::string& hole);

  // The answer of a look. When to look again, if ever.
  std::optional<TimePoint> OnSample(std::size_t endpoint,
                                    const tcp::Sample& sample,
                                    Duration poll_interval);

  // From now on, looks are put around the tick that fires a timer where the
  // kernel does not tell of it.
  void Foresee(const JiffyClock& clock) { jiffies_ = clock; }
  bool foresees() const { return jiffies_.has_value(); }

  // The endpoint of that socket, started if there is none.
  std::size_t Open(const std::string& host, const tcp::FourTuple& tuple);
  std::optional<std::size_t> Find(const std::string& host,
                                  const tcp::FourTuple& tuple) const;
  void Rename(std::size_t endpoint, const std::string& name);
  void OnCall(std::size_t endpoint, TimePoint begin);
  // The next segment like this that `host` sends is none of its sockets'.
  void ExpectCrafted(const std::string& host, const Segment& segment);
  // From now on, what `host` sends may be seen later than it was sent.
  void ExpectQueue(const std::string& host);

  Names& names() { return names_; }
  const std::vector<tcp::EndpointTimeline>& endpoints() const {
    return endpoints_;
  }
  // Also if it is forgotten.
  bool finished(std::size_t n) const {
    return free_.contains(n) || trackers_[n].finished();
  }
  // If it is to forget, gives the places of endpoints that ended some time
  // before `now` to those that will begin. Without effect otherwise. What is
  // told late of an endpoint finds it until then.
  void ForgetFinished(TimePoint now);
  // Brings the timelines up to date with what segments and events have told
  // since, and reports their transitions.
  void PublishTouched();
  // Is anything still to be confirmed or refuted by a look?
  bool in_doubt() const;
  // All that are not forgotten.
  std::vector<tcp::EndpointTimeline> Take();

  // Pure data segments kept per endpoint; SYN, FIN and RST are always kept.
  static constexpr std::size_t kPacketsKept = 4000;

 private:
  using Key = std::pair<std::string, tcp::FourTuple>;
  std::size_t Start(const std::string& host, const tcp::FourTuple& tuple,
                    const std::string& name,
                    tcp::TcpState initial = tcp::TcpState::kClosed);
  std::size_t TakePlace();
  bool TakeCrafted(const std::string& host, const Segment& segment);
  bool BeginsAnew(std::size_t endpoint, bool sent,
                  const tcp::Packet& packet) const;
  bool BeginsAnew(std::size_t endpoint, const Event& event) const;
  void EndBefore(std::size_t endpoint, const tcp::Packet& syn);
  std::size_t EndpointOf(const Event& event);
  tcp::Sample OfThisSocket(std::size_t endpoint, tcp::Sample sample) const;
  TimePoint NextLook(std::size_t endpoint, const tcp::Sample& sample,
                     Duration poll_interval);
  std::optional<TimePoint> Forecast(std::size_t endpoint,
                                    const tcp::Sample& sample);
  void Record(tcp::EndpointTimeline& endpoint, const tcp::Packet& packet);
  void Publish(std::size_t endpoint);
  bool IsOver(std::size_t endpoint, TimePoint before) const;
  void Forget(std::size_t endpoint);

  TimePoint origin_;
  Names names_;
  OnTransition on_transition_;
  bool forget_;
  std::vector<tcp::EndpointTimeline> endpoints_;
  std::vector<EndpointTracker> trackers_;  // same index
  std::vector<SlotForecast> forecasts_;    // same index
  std::optional<JiffyClock> jiffies_;
  std::map<Key, std::size_t> current_;  // the latest of each 4-tuple
  std::set<std::string> queued_;        // hosts with a queue
  std::vector<std::pair<std::string, Segment>> crafted_;  // to be sent by hosts
  std::vector<std::size_t> touched_;                      // to be published
  std::set<std::size_t> over_;  // may be forgotten soon
  std::set<std::size_t> free_;  // forgotten
  TimePoint next_forgetting_{};
};

}  // namespace finwait::observe
