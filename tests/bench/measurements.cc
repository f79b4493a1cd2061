#include "measurements.h"

#include <pthread.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <map>
#include <optional>
#include <string>

#include "exact_ends.h"
#include "stage.h"

namespace finwait::bench {
namespace {

using observe::Endpoints;
using tcp::EndpointTimeline;
using tcp::TcpState;

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

bool Used(const observe::Observer::Seen& seen, const std::string& source) {
  return std::any_of(seen.sources.begin(), seen.sources.end(),
                     [&](const auto& s) { return s.name == source && s.used; });
}

const tcp::Transition* FindTo(const EndpointTimeline& endpoint, TcpState to) {
  for (const tcp::Transition& transition : endpoint.transitions) {
    if (transition.to == to) return &transition;
  }
  return nullptr;
}

const tcp::Packet* FindFin(const EndpointTimeline& endpoint) {
  for (const tcp::Packet& packet : endpoint.packets) {
    if (packet.sent && (packet.flags & tcp::kFin) != 0) return &packet;
  }
  return nullptr;
}

const tcp::Packet* FindAck(const EndpointTimeline& endpoint,
                           const tcp::Packet& fin) {
  for (const tcp::Packet& packet : endpoint.packets) {
    if (!packet.sent && packet.ack == fin.seq + fin.length + 1) return &packet;
  }
  return nullptr;
}

// How far the transition is from its segment.
struct Distances {
  std::vector<Duration> fin_wait1;
  std::vector<Duration> fin_wait2;
};

Distances DistancesOf(const Endpoints& endpoints) {
  Distances distances;
  for (const EndpointTimeline& endpoint : endpoints) {
    const tcp::Packet* fin = FindFin(endpoint);
    const tcp::Transition* one = FindTo(endpoint, TcpState::kFinWait1);
    const tcp::Transition* two = FindTo(endpoint, TcpState::kFinWait2);
    if (fin == nullptr) continue;
    if (one != nullptr) {
      distances.fin_wait1.push_back(std::chrono::abs(one->at - fin->at));
    }
    const tcp::Packet* ack = FindAck(endpoint, *fin);
    if (two != nullptr && ack != nullptr) {
      distances.fin_wait2.push_back(std::chrono::abs(two->at - ack->at));
    }
  }
  return distances;
}

void PrintMedian(const std::string& measure, const std::vector<Duration>& all,
                 Duration most, Table& table) {
  const Spread spread = SpreadOf(all);
  table.Print({measure, spread.text, Format(most), spread.median <= most});
}

void PrintLost(const std::string& measure, const observe::Observer::Seen& seen,
               Table& table) {
  std::uint64_t lost = 0;
  std::vector<std::string> sources;
  for (const tcp::SourceRecord& source : seen.sources) {
    lost += source.lost;
    if (source.lost > 0) {
      sources.push_back(source.name + ": " + std::to_string(source.lost) +
                        " of " + std::to_string(source.events) + " lost");
    }
  }
  table.PrintCount(measure, lost, sources);
}

clockid_t ClockOf(observe::Observer& observer) {
  clockid_t clock{};
  observer.Inspect(
      [&](const Endpoints&) { pthread_getcpuclockid(pthread_self(), &clock); });
  return clock;
}

Duration Now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

std::vector<tcp::FourTuple> LivingOn(observe::Observer& observer,
                                     const std::string& host) {
  std::vector<tcp::FourTuple> tuples;
  observer.Inspect([&](const Endpoints& endpoints) {
    for (const EndpointTimeline& endpoint : endpoints) {
      if (endpoint.host == host && endpoint.state() != TcpState::kClosed) {
        tuples.push_back(endpoint.tuple);
      }
    }
  });
  return tuples;
}

// The ends of minisocks against where constant looks have them.
struct Ends {
  std::vector<Duration> errors;
  Disagreements outside;  // of the interval that the timeline gives
};

Ends JudgeEnds(const Endpoints& endpoints,
               const std::vector<Bracket>& brackets) {
  std::map<tcp::FourTuple, const tcp::Transition*> ends;
  for (const EndpointTimeline& endpoint : endpoints) {
    if (endpoint.host == "client") {
      ends[endpoint.tuple] = &endpoint.transitions.back();
    }
  }
  Ends judged;
  for (const Bracket& bracket : brackets) {
    const tcp::Transition& end = *ends.at(bracket.tuple);
    judged.errors.push_back(Error(bracket, end.at));
    if (end.earliest <= bracket.missed && end.latest >= bracket.seen) continue;
    judged.outside.Add("at " + Format(end.at - bracket.seen) + " in [" +
                       Format(end.earliest - bracket.seen) + ", " +
                       Format(end.latest - bracket.seen) + "], really before " +
                       Format(bracket.missed - bracket.seen));
  }
  return judged;
}

// Without a bound if `most` is 0.
void PrintEnds(const std::string& by, const Ends& ends, Duration most,
               Table& table) {
  const Spread spread = SpreadOf(ends.errors);
  const bool bounded = !ends.errors.empty() && most > Duration::zero();
  table.Print({"end of a minisock, by " + by, spread.text,
               bounded ? Format(most) : "", !bounded || spread.most <= most});
  table.PrintCount("end of a minisock, by " + by + ": not in its interval",
                   ends.outside.count, ends.outside.examples);
}

// Constant looks that were interrupted know no more than the observer.
void DropVague(std::vector<Bracket>& brackets) {
  static constexpr Duration kVague = microseconds(50);
  std::erase_if(brackets, [](const Bracket& bracket) {
    return bracket.seen == TimePoint() ||
           bracket.missed - bracket.seen > kVague;
  });
}

}  // namespace

void MeasureWay(Way way, const Settings& settings, Table& table) {
  const int connections = settings.quick ? 1000 : 10'000;
  const std::string name = Name(way);
  Stage stage({.kernel_events = settings.kernel_events});
  stage.Play(way, connections);
  const bool to_the_end = !settings.quick;
  if (to_the_end) {
    stage.AwaitEnd("client");
    stage.AwaitEnd("server");
  }
  const Run run = stage.Finish();
  const Endpoints& endpoints = run.seen.endpoints;
  const Disagreements paths = JudgePaths(
      endpoints, way, to_the_end, static_cast<std::uint64_t>(connections));
  table.PrintCount(name + ": wrong paths of 2 x " + std::to_string(connections),
                   paths.count, paths.examples);
  const Disagreements counters = JudgeCounters(endpoints, run.counters);
  table.PrintCount(name + ": kernel counters that differ", counters.count,
                   counters.examples);
  PrintLost(name + ": segments and events lost", run.seen, table);
  if (way != Way::kActive || !Used(run.seen, "sockops")) return;
  const Distances distances = DistancesOf(endpoints);
  PrintMedian("FIN_WAIT1 to its FIN, median", distances.fin_wait1,
              microseconds(20), table);
  PrintMedian("FIN_WAIT2 to the ACK, median", distances.fin_wait2,
              microseconds(20), table);
}

void MeasureMinisockEnd(const Settings& settings, Table& table) {
  constexpr int kAtOnce = 5;
  Stage stage({.kernel_events = settings.kernel_events, .plain_too = true});
  std::vector<Bracket> brackets;
  for (int round = 0; round < (settings.quick ? 3 : 20); ++round) {
    const TimePoint begin = MonotonicClock::now() + milliseconds(980);
    stage.MakeOrphans(kAtOnce);
    const auto ends = WatchUntilGone(
        stage.lab().In("client"), LivingOn(stage.observer(), "client"), begin);
    brackets.insert(brackets.end(), ends.begin(), ends.end());
    stage.AwaitEnd("client");
    stage.generator().Do(Action::kCloseServers);
  }
  DropVague(brackets);
  const Run run = stage.Finish();
  if (Used(run.seen, "timer tracepoints")) {
    PrintEnds("tracepoints", JudgeEnds(run.seen.endpoints, brackets),
              microseconds(100), table);
  }
  // The orphans of a round end at once, and one look finds them all: that of a
  // single round may have come late.
  const bool bounded = !settings.starved && brackets.size() > kAtOnce;
  PrintEnds("looks", JudgeEnds(run.plain.endpoints, brackets),
            bounded ? milliseconds(1) : Duration(), table);
}

void MeasureCost(int minisocks, const Settings& settings, Table& table) {
  const int wait = settings.quick ? 3 : 60;
  Stage stage({.kernel_events = settings.kernel_events, .fin_timeout = wait});
  stage.MakeOrphans(minisocks);
  const clockid_t clock = ClockOf(stage.observer());
  const TimePoint begin = MonotonicClock::now();
  const Duration used = Now(clock);
  stage.AwaitEnd("client");
  const auto took = MonotonicClock::now() - begin;
  const double percent = 100.0 *
                         static_cast<double>((Now(clock) - used).count()) /
                         static_cast<double>(took.count());
  // The last part of the wait costs more than the rest, in a short one, too.
  const double most = (minisocks > 1 ? 10 : 0.1) * (settings.quick ? 4 : 1);
  char text[80];
  std::snprintf(text, sizeof text, "%.3f %% of a core over %s", percent,
                Format(std::chrono::round<milliseconds>(took)).c_str());
  char bound[20];
  std::snprintf(bound, sizeof bound, "%.1f %%", most);
  table.Print({"waiting for " + std::to_string(minisocks) + " in FIN_WAIT2",
               text, bound, percent <= most});
}

void MeasureSources(const Settings& settings, Table& table) {
  const int connections = settings.quick ? 50 : 200;
  Stage stage({.kernel_events = settings.kernel_events, .plain_too = true});
  // First those whose end is waited for: TIME_WAIT takes a minute.
  stage.Play(Way::kOrphan, connections);
  for (const Way way : kWays) {
    if (way != Way::kOrphan) stage.Play(way, connections);
  }
  const Run run = stage.Finish();
  if (!Used(run.seen, "sockops")) return;
  const Comparison comparison =
      Compare(run.seen.endpoints, run.plain.endpoints);
  const std::string of =
      " of " + std::to_string(std::size(kWays) * connections);
  table.PrintCount("two sources: paths that differ" + of,
                   comparison.paths.count, comparison.paths.examples);
  table.PrintCount("two sources: intervals that do not overlap",
                   comparison.intervals.count, comparison.intervals.examples);
  PrintLost("two sources: segments and events lost", run.seen, table);
}

}  // namespace finwait::bench
