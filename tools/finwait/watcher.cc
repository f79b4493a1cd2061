#include "watcher.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "base/error.h"
#include "judge/blame.h"
#include "netlink/local_routes.h"
#include "netns/sysctl.h"
#include "observe/kernel_events.h"
#include "report/text.h"
#include "tcp/formula.h"

namespace finwait::tools {
namespace {

constexpr char kHost[] = "host";
constexpr char kFinTimeout[] = "net.ipv4.tcp_fin_timeout";

// Changes become certain in another order than they happened, by so much.
constexpr Duration kReordering = std::chrono::milliseconds(20);

observe::Vantage VantageOf(const netns::Namespace& ns,
                           const report::Selection& selection,
                           const std::string& frames) {
  return {.host = kHost,
          .ns = &ns,
          .interfaces = {observe::kAllInterfaces},
          .addresses = {},
          .networks = netlink::LocalNetworks(ns),
          .filter = report::FrameFilter(selection, frames)};
}

observe::KernelEvents::Options EventsOf(const netns::Namespace& ns) {
  return {.cgroup = std::nullopt,
          .why_no_cgroup = "processes of a host are in many of them",
          .hosts = {{kHost, &ns}}};
}

// Does it tell of every change of state?
bool TellsStates(const observe::EventSource& source) {
  const auto records = source.Records();
  return std::any_of(records.begin(), records.end(), [](const auto& record) {
    return record.name == "state tracepoint" && record.used;
  });
}

// With packets and sock_diag alone where the kernel or the user permits no
// kernel events; else of packets only those that explain an event.
observe::Observer Observe(const netns::Namespace& ns,
                          const report::Selection& selection,
                          ChangeQueue& queue) {
  observe::Observer::Options options{.forget = true, .priority = false};
  std::string frames = observe::kOnlyTcp;
  if (std::getenv("FINWAIT_NO_BPF") == nullptr) {
    auto events = std::make_unique<observe::KernelEvents>(EventsOf(ns));
    if (TellsStates(*events)) frames = observe::kOnlyControl;
    options.sources.push_back(std::move(events));
  }
  options.on_transition = [&queue](const tcp::EndpointTimeline& endpoint,
                                   const tcp::Transition& transition) {
    queue.Push(endpoint, transition);
  };
  return {{VantageOf(ns, selection, frames)}, std::move(options)};
}

report::Kernel KernelOf(const netns::Namespace& ns) {
  report::Kernel kernel{.hz = KernelHz()};
  const auto sysctls = netns::ReadIntegers(ns, {kFinTimeout});
  const auto found = sysctls.find(kFinTimeout);
  if (found != sysctls.end()) {
    kernel.fin_timeout = std::chrono::seconds(found->second);
  }
  return kernel;
}

judge::Environment EnvironmentOf(const netns::Namespace& ns) {
  judge::Environment environment{.hz = KernelHz()};
  for (const auto& [name, value] :
       netns::ReadIntegers(ns, tcp::FormulaSysctls())) {
    environment.sysctls[kHost][name] = value;
  }
  return environment;
}

// On the wall, in this time zone.
Duration TimeOfDay(TimePoint at) {
  const Duration wall = at.time_since_epoch() + RealtimeOffset();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wall);
  const time_t since_epoch = seconds.count();
  tm local{};
  localtime_r(&since_epoch, &local);
  return std::chrono::hours(local.tm_hour) +
         std::chrono::minutes(local.tm_min) +
         std::chrono::seconds(local.tm_sec) + (wall - seconds);
}

report::Change ChangeOf(const SeenChange& seen, TimePoint begin) {
  report::Change change{.tuple = seen.tuple,
                        .transition = seen.transition,
                        .time_of_day = TimeOfDay(seen.transition.at)};
  if (seen.transition.from != tcp::TcpState::kClosed) {
    change.at_least = !seen.entered;
    change.lasted = seen.transition.at - seen.entered.value_or(begin);
  }
  if (seen.look) {
    change.facts = seen.look->facts;
    change.looked = seen.look->before;
  }
  return change;
}

int MillisecondsUntil(TimePoint when) {
  using std::chrono::milliseconds;
  const Duration left = when - MonotonicClock::now();
  const auto rounded = std::chrono::ceil<milliseconds>(left).count();
  // A day is long enough for one wait.
  return static_cast<int>(std::clamp<std::int64_t>(rounded, 0, 86'400'000));
}

}  // namespace

Watcher::Watcher(const netns::Namespace& ns, WatchOptions options,
                 int interrupt_fd)
    : ns_(ns),
      options_(std::move(options)),
      interrupt_fd_(interrupt_fd),
      begin_(MonotonicClock::now()),
      kernel_(KernelOf(ns)),
      queue_(options_.selection),
      sockets_(ns),
      observer_(Observe(ns, options_.selection, queue_)) {}

void Watcher::Run() {
  observer_.Adopt(kHost);
  const Sockets sockets = sockets_.Standing(options_.selection);
  for (const auto& socket : sockets) existing_.insert(socket.tuple);
  PrintBeginning(sockets);
  const bool snapshot = options_.length && *options_.length == Duration::zero();
  if (!snapshot) WatchUntilEnd();
  observe::Observer::Seen seen = observer_.Finish();
  const TimePoint end = MonotonicClock::now();
  TakeChanges();
  PrintDue(TimePoint::max());
  if (!snapshot) PrintSummary(sockets_.Standing(options_.selection));
  PrintBlame(std::move(seen), end);
  Flush();
}

void Watcher::PrintBeginning(const Sockets& sockets) {
  Print(report::ClockText(TimeOfDay(MonotonicClock::now()), {}) + "  " +
        report::Plural(sockets.size(), "connection") + "\n" +
        report::StandingTable(sockets) + "\n");
  Flush();
}

void Watcher::WatchUntilEnd() {
  // Never holds: readable when the observer's thread has ended.
  const FileDescriptor ended =
      observer_.When([](const observe::Endpoints&) { return false; });
  while (!IsOver()) {
    Await(ended.get());
    TakeChanges();
    PrintDue(MonotonicClock::now());
  }
}

bool Watcher::IsOver() const {
  const bool none_left = options_.only_existing && existing_.empty();
  const bool late =
      options_.length && MonotonicClock::now() >= begin_ + *options_.length;
  return ended_ || none_left || late;
}

void Watcher::Await(int observer_ended) {
  pollfd waiting[] = {{queue_.fd(), POLLIN, 0},
                      {interrupt_fd_, POLLIN, 0},
                      {observer_ended, POLLIN, 0},
                      {STDOUT_FILENO, 0, 0}};  // POLLERR: nobody reads it
  poll(waiting, std::size(waiting), MillisecondsUntil(NextDue()));
  ended_ = ended_ || waiting[1].revents != 0 || waiting[2].revents != 0 ||
           waiting[3].revents != 0;
}

TimePoint Watcher::NextDue() const {
  TimePoint due = TimePoint::max();
  if (!pending_.empty()) due = pending_.begin()->first + kReordering;
  if (options_.length) due = std::min(due, begin_ + *options_.length);
  return due;
}

void Watcher::TakeChanges() {
  ChangeQueue::Batch batch = queue_.TakeAll();
  for (SeenChange& change : batch.changes) {
    const TimePoint at = change.transition.at;
    pending_.emplace(at, std::move(change));
  }
  if (!batch.without_room.empty()) PrintMissed(batch.without_room);
}

void Watcher::PrintDue(TimePoint now) {
  while (!pending_.empty() && pending_.begin()->first <= now - kReordering) {
    SeenChange change = std::move(pending_.begin()->second);
    pending_.erase(pending_.begin());
    PrintChange(change);
  }
  Flush();
}

void Watcher::PrintChange(SeenChange& change) {
  if (!IsFromWantedTime(change)) return;
  sockets_.LookAgain(change);
  auto owners = sockets_.OwnersOf(change);
  if (!options_.selection.Wants(owners)) return;
  report::Change line = ChangeOf(change, begin_);
  line.owners = std::move(owners);
  ++printed_[{change.transition.from, change.transition.to}];
  Print(report::ChangeLine(line, kernel_, options_.style) + "\n");
}

bool Watcher::IsFromWantedTime(const SeenChange& change) {
  const bool existing = existing_.contains(change.tuple);
  const auto& wanted = options_.selection.states;
  const tcp::TcpState now = change.transition.to;
  const bool seen_last = !wanted.empty() && !wanted.contains(now);
  if (now == tcp::TcpState::kClosed || seen_last) existing_.erase(change.tuple);
  return existing ? !options_.only_new : !options_.only_existing;
}

void Watcher::PrintMissed(const report::ChangeCounts& missed) {
  std::uint64_t total = 0;
  for (const auto& [change, count] : missed) {
    missed_[change] += count;
    total += count;
  }
  Print("… " + report::Plural(total, "change") +
        " not printed: the output is slower than they are\n");
}

void Watcher::PrintSummary(const Sockets& left) {
  using std::chrono::milliseconds;
  const auto length =
      std::chrono::round<milliseconds>(MonotonicClock::now() - begin_);
  Print("\nChanges in " + report::Rough(length) + "\n" +
        report::ChangeTable(printed_));
  if (!missed_.empty()) {
    Print("Not printed\n" + report::ChangeTable(missed_));
  }
  Print("There are now\n" + report::StandingTable(left));
}

void Watcher::PrintBlame(observe::Observer::Seen seen, TimePoint end) {
  tcp::Timeline timeline{.begin = begin_, .end = end};
  for (tcp::EndpointTimeline& endpoint : seen.endpoints) {
    endpoint.owners = sockets_.OwnersOf(endpoint);
    const report::Selection& selection = options_.selection;
    if (endpoint.state() != tcp::TcpState::kClosed &&
        selection.Wants(endpoint.tuple) && selection.Wants(endpoint.owners)) {
      timeline.endpoints.push_back(std::move(endpoint));
    }
  }
  std::string text;
  for (const auto& sentence : judge::Blame(timeline, EnvironmentOf(ns_))) {
    text += report::Fold("  - ", sentence,
                         static_cast<std::size_t>(options_.style.width));
  }
  if (!text.empty()) Print("Not closed\n" + text);
  std::uint64_t lost = 0;
  for (const auto& source : seen.sources) lost += source.lost;
  if (lost > 0) {
    Print("Up to " + report::Plural(lost, "observation") +
          " came too fast to be seen: some changes may be late or missing\n");
  }
}

void Watcher::Print(const std::string& text) { text_ += text; }

// Nobody reading any more is an end like any other.
void Watcher::Flush() {
  while (!text_.empty()) {
    const ssize_t length = write(STDOUT_FILENO, text_.data(), text_.size());
    if (length > 0) {
      text_.erase(0, static_cast<std::size_t>(length));
    } else if (errno == EPIPE) {
      text_.clear();
      ended_ = true;
    } else if (errno != EINTR) {
      ThrowErrno("printing");
    }
  }
}

}  // namespace finwait::tools
