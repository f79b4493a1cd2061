#include "lab/session.h"

#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <map>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "lab/player.h"
#include "lab/programs.h"
#include "lab/sockets.h"
#include "lab/sources.h"
#include "netns/sysctl.h"
#include "observe/counters.h"
#include "observe/jiffy_clock.h"
#include "observe/observer.h"
#include "process/owners.h"
#include "process/sandbox.h"
#include "tcp/formula.h"
#include "tcp/linux_timing.h"

namespace finwait::lab {
namespace {

using OwnersByInode = std::multimap<std::uint32_t, tcp::Owner>;

// Calls f(host name, namespace) for every host that can have sockets.
template <typename F>
void ForEachHost(const Lab& lab, F&& f) {
  for (const scenario::Host& host : lab.topology().hosts) {
    if (host.kind != scenario::HostKind::kBridge) {
      f(host.name, lab.In(host.name));
    }
  }
}

judge::Environment EnvironmentOf(const Lab& lab) {
  utsname name{};
  uname(&name);
  judge::Environment environment{.hz = KernelHz(),
                                 .kernel = name.release,
                                 .virtual_time = TimeIsVirtual(),
                                 .sysctls = {}};
  ForEachHost(lab, [&](const std::string& host, const netns::Namespace& ns) {
    for (const auto& [sysctl, value] :
         netns::ReadIntegers(ns, tcp::FormulaSysctls())) {
      environment.sysctls[host][sysctl] = value;
    }
  });
  return environment;
}

// The counters of one host, with what they were at the beginning.
struct CounterSet {
  observe::CounterFiles files;
  observe::Counters first = files.Read();
};

std::map<std::string, CounterSet> CountersOf(const Lab& lab) {
  std::map<std::string, CounterSet> counters;
  ForEachHost(lab, [&](const std::string& host, const netns::Namespace& ns) {
    counters.emplace(host, CounterSet{.files = observe::CounterFiles(ns)});
  });
  return counters;
}

void AddOwners(tcp::EndpointTimeline& endpoint, const OwnersByInode& owners) {
  if (endpoint.samples.empty()) return;
  const auto& facts = endpoint.samples.back().facts;
  if (!facts || facts->inode == 0) return;
  const auto [first, last] = owners.equal_range(facts->inode);
  for (auto owner = first; owner != last; ++owner) {
    endpoint.owners.push_back(owner->second);
  }
}

// To the nanosecond, where nothing else runs.
void AwaitTime(TimePoint time) {
  const FileDescriptor timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  const std::int64_t ns = time.time_since_epoch().count();
  itimerspec when{};
  when.it_value.tv_sec = ns / 1'000'000'000;
  when.it_value.tv_nsec = ns % 1'000'000'000;
  timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &when, nullptr);
  std::uint64_t expirations = 0;
  while (read(timer.get(), &expirations, sizeof expirations) < 0 &&
         errno == EINTR) {
  }
}

// In which slot of the timer wheel a timer ends depends on the jiffy in which
// it is armed. Where waiting costs nothing, every case begins alike, whatever
// was played before: in the first jiffy of a slot of the fourth level, which
// holds timers of up to 5 minutes at HZ=100 (Linux: kernel/time/timer.c), and
// far from its ticks.
void AwaitSlot() {
  constexpr std::uint64_t kSlot = 512;  // jiffies
  auto clock = observe::JiffyClock::Read();
  // The first ticks after the boot are no high resolution timer yet.
  for (int n = 0; !clock && n < 20; ++n) {
    AwaitTime(MonotonicClock::now() + tcp::Jiffy(KernelHz()) / 2 * 3);
    clock = observe::JiffyClock::Read();
  }
  if (!clock) return;
  const std::uint64_t now = clock->At(MonotonicClock::now());
  const TimePoint begin =
      clock->TickOf((now / kSlot + 1) * kSlot) + clock->jiffy() / 4;
  AwaitTime(begin);
}

}  // namespace

// Members are torn down in reverse order: programs and actors before the
// observer that watches them; then the sandbox, whose init destroys leftover
// sockets; last the namespaces.
class Session::Stage {
 public:
  Stage(const scenario::Scenario& scenario, const RunOptions& options)
      : lab(scenario.topology),
        environment(EnvironmentOf(lab)),
        ground(PrepareGround(options.kernel_events)),
        sandbox(std::move(ground.cgroup)),
        observer(lab.Vantages(options.keep_frames),
                 {.names = scenario.connections,
                  .on_transition = options.on_transition,
                  .sources = SourcesOf(ground, sandbox.cgroup(), lab),
                  .keep_frames = options.keep_frames}),
        programs(lab, sandbox, options.interrupt_fd),
        sockets(lab, sandbox, observer, programs),
        crafter(lab, sandbox, observer),
        player(lab, observer, programs, sockets, crafter, options.on_step) {
    for (const scenario::Host& host : scenario.topology.hosts) {
      sandbox.Register(lab.In(host.name));
    }
    for (const scenario::InitialImpairment& initial : scenario.impairments) {
      observer.ExpectQueue(lab.topology().FindEnd(initial.end)->host);
      lab.Impair(initial.end, initial.impairment);
    }
    counters = CountersOf(lab);
    if (TimeIsVirtual()) AwaitSlot();
    timeline.begin = MonotonicClock::now();
  }

  Lab lab;
  judge::Environment environment;
  std::map<std::string, CounterSet> counters;  // by host
  tcp::Timeline timeline;
  Ground ground;
  process::Sandbox sandbox;
  observe::Observer observer;
  Programs programs;
  Sockets sockets;
  Crafter crafter;
  Player player;
};

Session::Session(const scenario::Scenario& scenario, const RunOptions& options)
    : stage_(std::make_unique<Stage>(scenario, options)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

std::optional<judge::Finding> Session::Play(const scenario::Step& step) {
  return stage_->player.Play(step, stage_->timeline);
}

std::optional<judge::Finding> Session::Settle(Duration limit) {
  return stage_->player.Settle(limit, stage_->timeline);
}

tcp::Timeline Session::Finish() {
  Stage& stage = *stage_;
  std::map<std::string, OwnersByInode> owners;
  ForEachHost(stage.lab,
              [&](const std::string& host, const netns::Namespace& ns) {
                owners[host] = process::SocketOwners(ns);
              });
  observe::Observer::Seen seen = stage.observer.Finish();
  tcp::Timeline timeline = std::move(stage.timeline);
  timeline.end = MonotonicClock::now();
  for (const auto& [host, counters] : stage.counters) {
    timeline.counters[host] =
        observe::Difference(counters.first, counters.files.Read());
  }
  timeline.endpoints = std::move(seen.endpoints);
  timeline.packets_dropped = seen.packets_dropped;
  timeline.sources = std::move(seen.sources);
  timeline.interfaces = std::move(seen.interfaces);
  timeline.frames = std::move(seen.frames);
  timeline.realtime_offset = RealtimeOffset();
  timeline.programs = stage.programs.Records();
  for (tcp::EndpointTimeline& endpoint : timeline.endpoints) {
    endpoint.options =
        stage.sockets.OptionsOf(endpoint.host, endpoint.connection);
    AddOwners(endpoint, owners[endpoint.host]);
  }
  return timeline;
}

Lab& Session::lab() { return stage_->lab; }

const judge::Environment& Session::environment() const {
  return stage_->environment;
}

}  // namespace finwait::lab
