// True histories of one endpoint, invented at random, with what each source of
// observation reports of them.
//
// The order and the distances within one call or softirq are those of Linux;
// where it tells of a change before it stores it, looks see the old state until
// then.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "observe/event_source.h"
#include "tcp/timeline.h"

namespace finwait::observe {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using tcp::TcpState;

using Random = std::mt19937;

inline Duration Between(Random& random, Duration low, Duration high) {
  return Duration(std::uniform_int_distribution<std::int64_t>(
      low.count(), high.count())(random));
}

inline bool OneIn(Random& random, int n) {
  return std::uniform_int_distribution<int>(1, n)(random) == 1;
}

// A state that the endpoint really had, from some moment in [told, stored] on.
struct Truth {
  TcpState to;
  TimePoint told;
  TimePoint stored;
};

// What a look sees.
struct View {
  std::optional<tcp::SocketFacts> facts;
  TimePoint requested;  // of its timer, if it has one
};

struct History {
  std::string story;  // for who reads a failure
  tcp::FourTuple tuple;
  std::vector<Truth> path;
  std::vector<Event> events;
  std::vector<tcp::Packet> packets;
  std::map<TimePoint, View> views;  // from that time on
  TimePoint end;
};

// The endpoint and its peer. Each member function is something that happens,
// and lets the time pass that it takes.
class World {
 public:
  explicit World(Random& random) : random_(random) {
    history_.tuple = {{*tcp::ParseIpAddress("10.0.0.1"), 40000},
                      {*tcp::ParseIpAddress("10.0.0.2"), 80}};
    history_.views[now_] = {};
  }

  History Take() {
    Pass(microseconds(200), milliseconds(5));
    history_.end = now_;
    const auto earlier = [](const tcp::Packet& a, const tcp::Packet& b) {
      return a.at < b.at;
    };
    std::stable_sort(history_.packets.begin(), history_.packets.end(), earlier);
    return std::move(history_);
  }

  Random& random() { return random_; }
  TcpState state() const { return state_; }
  void Say(const std::string& words) { history_.story += words + "; "; }
  void Pass(Duration low, Duration high) {
    now_ += Between(random_, low, high);
  }
  // Anything from "at once" to "after a while".
  void Wait() {
    static constexpr Duration kLongest[] = {
        microseconds(50), milliseconds(1), milliseconds(40), milliseconds(300)};
    Pass(microseconds(1), kLongest[random_() % 4]);
  }

  // ---- segments ----

  enum class WindowOf { kClosed, kOpen };

  // A segment leaves 3 to 50 us after the change that it announces.
  void Sends(std::uint8_t flags, std::uint32_t length = 0) {
    Pass(microseconds(3), microseconds(50));
    Add(true, flags, sent_, received_, length);
    sent_ += Occupied(flags, length);
  }
  void SendsAgain(std::uint8_t flags) {
    Add(true, flags, sent_ - Occupied(flags, 0), received_, 0);
  }
  // And comes 3 to 50 us before the change that it causes.
  void Receives(std::uint8_t flags, std::uint32_t length = 0) {
    Add(false, flags, received_, sent_, length);
    received_ += Occupied(flags, length);
    Pass(microseconds(3), microseconds(50));
  }
  // Something behind the capture drops it.
  void ReceivesInVain(std::uint8_t flags) {
    Add(false, flags, received_, sent_, 0);
    Pass(milliseconds(200), milliseconds(300));
  }
  void ReceivesAgain(std::uint8_t flags) {
    Add(false, flags, received_ - Occupied(flags, 0), sent_, 0);
    Pass(microseconds(3), microseconds(50));
  }
  // The peer's window, and the peer tells.
  void Receives(std::uint8_t flags, WindowOf window) {
    window_ = window == WindowOf::kClosed ? 0 : 500;
    Receives(flags);
  }
  // Without acknowledging the last segment sent.
  void ReceivesBefore(std::uint8_t flags) {
    Add(false, flags, received_, sent_ - 1, 0);
    received_ += Occupied(flags, 0);
    Pass(microseconds(3), microseconds(50));
  }

  // ---- changes ----

  // A full socket changes: tcp_set_state() tells, then stores.
  void Becomes(TcpState to, int error = 0) {
    Event event = Told(Event::Kind::kTransition);
    event.from = state_;
    event.to = to;
    event.error = error;
    history_.events.push_back(event);
    Changes(to);
  }
  // connect(): the state is stored long before the event, the SYN follows it.
  void Connects() {
    state_ = TcpState::kSynSent;
    history_.path.push_back({state_, now_, now_});
    Show(now_);
    Pass(microseconds(5), microseconds(300));
    Event event = Told(Event::Kind::kTransition);
    event.from = TcpState::kClosed;
    event.to = state_;
    history_.events.push_back(event);
    Sends(tcp::kSyn);
  }
  // Without an event: of a minisock or request socket.
  void Changes(TcpState to) {
    const TimePoint told = now_;
    StoreSoon();
    state_ = to;
    history_.path.push_back({to, told, now_});
    Show(now_);
  }
  // A request socket, or a minisock in the place of the full socket.
  void ArmsAs(TcpState to, Duration timeout) {
    if (to != state_) {
      const TimePoint told = now_;
      Arms(to, timeout);
      StoreSoon();
      history_.path.push_back({to, told, now_});
      state_ = to;
    } else {
      Arms(to, timeout);
      StoreSoon();
    }
    Show(now_);
  }
  // The minisock is there; the full socket says goodbye (tcp_done()).
  void LeavesMinisock(TcpState to, Duration timeout) {
    const TcpState before = state_;
    minisock_ = true;
    const TimePoint gone = now_;
    ArmsAs(to, timeout);
    if (OneIn(random_, 3)) {  // between the one and the other
      const TimePoint back = std::min(now_, gone + microseconds(20));
      history_.views[back] = history_.views[now_];
      history_.views[gone] = {};
    }
    Pass(Duration(200), microseconds(5));
    Event event = Told(Event::Kind::kTransition);
    event.from = before;
    event.to = TcpState::kClosed;
    history_.events.push_back(event);
    Pass(Duration(100), microseconds(3));
  }
  // Linux: kernel/time/timer.c __mod_timer() says nothing if the slot of the
  // wheel stays the same.
  void Rearms(TcpState to, Duration timeout) {
    const bool silent = SlotOf(now_ + timeout) == slot_;
    if (!silent) Stops(to);
    const std::size_t told = history_.events.size();
    ArmsAs(to, timeout);
    if (silent) history_.events.resize(told);
  }
  void Stops(TcpState state) {
    Event event = Told(Event::Kind::kTimerStopped);
    event.state = state;
    history_.events.push_back(event);
    Pass(Duration(100), microseconds(2));
  }
  void Stops() { Stops(state_); }
  void Fires() {
    now_ = std::max(now_, slot_) +
           Between(random_, Duration(0), microseconds(300));
    Stops();  // first it is taken out of the wheel
    Event event = Told(Event::Kind::kTimerFired);
    event.state = state_;
    history_.events.push_back(event);
  }

 private:
  static std::uint32_t Occupied(std::uint8_t flags, std::uint32_t length) {
    return length + ((flags & (tcp::kSyn | tcp::kFin)) != 0 ? 1 : 0);
  }
  void Add(bool sent, std::uint8_t flags, std::uint32_t seq, std::uint32_t ack,
           std::uint32_t length) {
    history_.packets.push_back({.at = now_,
                                .sent = sent,
                                .flags = flags,
                                .seq = seq,
                                .ack = ack,
                                .window = window_,
                                .length = length});
  }
  // Mostly at once; an interrupt may come between.
  void StoreSoon() {
    Pass(Duration(100),
         OneIn(random_, 8) ? microseconds(100) : microseconds(2));
  }
  static TimePoint SlotOf(TimePoint requested) {
    const Duration slot = milliseconds(128);
    const Duration since = requested.time_since_epoch();
    return TimePoint((since / slot + 1) * slot);
  }
  void Arms(TcpState to, Duration timeout) {
    Event event = Told(Event::Kind::kTimerArmed);
    event.state = to;
    event.requested = requested_ = now_ + timeout;
    event.slot = slot_ = SlotOf(requested_);
    history_.events.push_back(event);
  }
  Event Told(Event::Kind kind) {
    Event event;
    event.kind = kind;
    event.source = kind == Event::Kind::kTransition ? tcp::Source::kSockops
                                                    : tcp::Source::kTracepoint;
    event.at = now_;
    event.host = "host";
    event.tuple = history_.tuple;
    event.cookie = 77;
    return event;
  }
  void Show(TimePoint from) {
    View view;
    if (state_ != TcpState::kClosed) {
      view.facts.emplace();
      view.facts->state = state_;
      view.facts->cookie = 77;
      view.facts->timer = Timer();
      view.requested = minisock_ ? requested_ : from + milliseconds(200);
    }
    history_.views[from] = view;
  }
  tcp::TimerKind Timer() const {
    if (minisock_) return tcp::TimerKind::kTimewait;
    const bool waits =
        state_ == TcpState::kFinWait1 || state_ == TcpState::kLastAck ||
        state_ == TcpState::kSynSent || state_ == TcpState::kSynRecv;
    return waits ? tcp::TimerKind::kRetransmit : tcp::TimerKind::kOff;
  }

  Random& random_;
  History history_;
  TimePoint now_{seconds(1)};
  TcpState state_ = TcpState::kClosed;
  bool minisock_ = false;
  TimePoint requested_;
  TimePoint slot_;
  std::uint32_t window_ = 500;
  std::uint32_t sent_ = 1000;
  std::uint32_t received_ = 5000;
};

}  // namespace finwait::observe
