// Behaviours made by hand and by chance, for tests of compare/.
#pragma once

#include <chrono>
#include <random>
#include <string>

#include "compare/behaviour.h"

namespace finwait::testing {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

// A stay that a timer ended, or that something else did (0 timers).
inline compare::Stay StayFor(tcp::TcpState state, Duration length,
                             int timers = 0) {
  compare::Stay stay{.state = state};
  stay.length = {length, length, length};
  stay.timers = timers;
  return stay;
}

// An orphan whose FIN_WAIT2 lasted so long, on a real machine with 250 Hz.
inline compare::Behaviour OrphanFor(Duration fin_wait2) {
  using enum tcp::TcpState;
  compare::Endpoint client{.host = "client", .connection = "conn"};
  client.stays = {StayFor(kSynSent, 60us),
                  StayFor(kEstablished, 7ms),
                  StayFor(kFinWait1, 4ms),
                  StayFor(kFinWait2, fin_wait2, 1),
                  {.state = kClosed, .cause = "timewait timer"}};
  client.stays[3].orphan = true;
  client.segments = {
      {.sent = true, .flags = tcp::kSyn},
      {.sent = true, .flags = tcp::kFin | tcp::kAck, .after = 7ms}};
  client.totals["received ACK"] = {1};
  compare::Behaviour behaviour;
  behaviour.kernel = "6.18";
  behaviour.endpoints = {client};
  behaviour.counters["client"]["TcpExtTW"] = {1};
  return behaviour;
}

// Any behaviour at all; the same for the same seed.
class AnyBehaviour {
 public:
  explicit AnyBehaviour(unsigned seed) : random_(seed) {}

  compare::Behaviour Make() {
    compare::Behaviour any;
    any.case_name = Text();
    any.kernel = Text();
    any.hz = Chance() ? 100 : 1000;
    any.virtual_time = Chance();
    any.pauses = Time();
    if (!any.virtual_time) any.late = {Time(), Time()};
    any.verdict = static_cast<judge::Verdict>(Below(4));
    for (int n = Below(4); n > 0; --n) any.endpoints.push_back(End(n));
    for (int n = Below(4); n > 0; --n)
      any.counters[Text()][Text()] = {Below(9)};
    for (int n = Below(3); n > 0; --n) any.sockets[Text()] = {Below(9)};
    for (int n = Below(3); n > 0; --n) {
      any.programs.push_back({Text(), Text(), Text()});
      any.judgements.push_back({Text(), Text(), judge::Verdict::kFail});
    }
    return any;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % unsigned(n)); }
  bool Chance() { return Below(2) == 1; }
  Duration Time() {
    return std::chrono::microseconds(Below(2) ? Below(5000) : Below(99999999));
  }
  std::string Text() {
    static const char* const kTexts[] = {
        "a",  "tcp=61, x=\"1\"", "each#", "",
        "ü→", "back\\slash\n",   "a.b",   "#7"};
    return kTexts[Below(8)];
  }

  compare::Stay AnyStay() {
    compare::Stay stay{.state = static_cast<tcp::TcpState>(1 + Below(6))};
    const Duration low = Time();
    const Duration wide = Chance() ? Time() : Duration();
    stay.length = {low, low + wide / 2000 * 1000, low + wide, Chance()};
    stay.cause = Text();
    stay.timers = Below(3);
    if (Chance()) stay.silence = Time();
    if (Chance()) stay.armed = Time();
    if (Chance()) stay.orphan = Chance();
    for (int n = Below(3); n > 0; --n) {
      stay.timer_kinds.push_back(static_cast<tcp::TimerKind>(Below(5)));
    }
    return stay;
  }

  compare::Endpoint End(int number) {
    compare::Endpoint end{.host = Text() + std::to_string(number),
                          .connection = Text()};
    end.members.value = 1 + Below(3);
    for (int n = Below(6); n > 0; --n) end.stays.push_back(AnyStay());
    for (int n = Below(6); n > 0; --n) {
      end.segments.push_back({Chance(), static_cast<std::uint8_t>(1 + Below(7)),
                              Chance(), Time()});
    }
    if (Chance()) end.rto = Time();
    if (Chance()) end.info[Text()] = {Below(99)};
    if (Chance()) end.totals[Text()] = {Below(99)};
    return end;
  }

  std::mt19937 random_;
};

}  // namespace finwait::testing
