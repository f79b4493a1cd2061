// The BPF programs in the running kernel: what they tell of sockets on a
// loopback, and what is said where they cannot be had.
#include "observe/kernel_events.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "kernel/process/loopback.h"
#include "netns/sysctl.h"

namespace finwait::observe {
namespace {

using process::Actor;
using process::Call;
using process::Listener;
using process::Sandbox;
using std::chrono::microseconds;
using tcp::TcpState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::optional<process::Cgroup> CgroupIfAny() {
  try {
    return process::Cgroup::Create();
  } catch (const Unsupported&) {
    return std::nullopt;
  }
}

std::unique_ptr<KernelEvents> EventsOf(const netns::Namespace& ns,
                                       const process::Cgroup* cgroup) {
  KernelEvents::Options options;
  if (cgroup != nullptr) options.cgroup = cgroup->fd();
  options.why_no_cgroup = "no cgroup is wanted";
  options.hosts = {{"here", &ns}};
  return std::make_unique<KernelEvents>(options);
}

tcp::SourceRecord RecordOf(const KernelEvents& events,
                           const std::string& name) {
  for (const tcp::SourceRecord& record : events.Records()) {
    if (record.name == name) return record;
  }
  return {.name = name};
}

std::string TextOf(const Event& event) {
  const auto name = [](TcpState state) { return std::string(Name(state)); };
  switch (event.kind) {
    case Event::Kind::kTransition:
      return name(event.from) + " -> " + name(event.to);
    case Event::Kind::kTimerArmed:
      return name(event.state) + " armed";
    case Event::Kind::kTimerFired:
      return name(event.state) + " fired";
    case Event::Kind::kTimerStopped:
      return name(event.state) + " stopped";
  }
  return {};
}

// A namespace, a process in it that may be in a cgroup, and what the kernel
// tells of both.
class Place {
 public:
  explicit Place(std::optional<process::Cgroup> cgroup)
      : sandbox_(std::move(cgroup)) {
    netns::WriteSysctl(ns_, "net.ipv4.tcp_fin_timeout", "1");
    events_ = EventsOf(ns_, sandbox_.cgroup());
    actor_.emplace(sandbox_, ns_, "actor");
    listener_ = process::Listen(*actor_);
  }

  const KernelEvents& source() const { return *events_; }
  bool has_cgroup() const { return sandbox_.cgroup() != nullptr; }
  pid_t pid() const { return actor_->pid(); }

  // The client of a new connection, and its port.
  std::pair<int, in_port_t> Connect() {
    const int client = process::Socket(*actor_);
    actor_->Do(process::Loopback(Call::Kind::kConnect, client, listener_.port));
    const auto self =
        actor_->Do({.kind = Call::Kind::kGetsockname, .fd = client});
    return {client, process::PortOf(self)};
  }
  int Accept() {
    const Call accept{.kind = Call::Kind::kAccept, .fd = listener_.fd};
    return static_cast<int>(actor_->Do(accept).value);
  }
  void Close(int fd) { actor_->Do({.kind = Call::Kind::kClose, .fd = fd}); }

  // What is told of the socket with that local port, until it is `last`.
  std::vector<Event> ToldUntil(in_port_t port, const std::string& last) {
    const TimePoint deadline = process::Deadline();
    while (true) {
      Drain();
      std::vector<Event> of_port;
      for (const Event& event : told_) {
        if (event.tuple.local.port == port) of_port.push_back(event);
      }
      const bool over = !of_port.empty() && TextOf(of_port.back()) == last;
      if (over || MonotonicClock::now() > deadline) return of_port;
      process::WaitReadable(events_->fd());
    }
  }
  const std::vector<Event>& Told() {
    Drain();
    return told_;
  }

 private:
  void Drain() {
    events_->Drain([this](const Event& event) { told_.push_back(event); });
  }

  netns::Namespace ns_ = process::NamespaceWithLoopback();
  Sandbox sandbox_;
  std::unique_ptr<KernelEvents> events_;
  std::optional<Actor> actor_;
  Listener listener_{};
  std::vector<Event> told_;
};

std::vector<std::string> TextsOf(const std::vector<Event>& events) {
  std::vector<std::string> texts;
  for (const Event& event : events) texts.push_back(TextOf(event));
  return texts;
}

// Says what is missing, or nothing.
std::string Missing(const Place& place, const std::string& source) {
  const tcp::SourceRecord record = RecordOf(place.source(), source);
  if (record.used) return "";
  return "without " + source + ": " + record.detail +
         " (needs BTF, and CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN outside of "
         "user namespaces)";
}

TEST(KernelEvents, TellAnOrphanFromItsBirthToTheEndOfItsTimer) {
  Place place(CgroupIfAny());
  if (!place.has_cgroup()) GTEST_SKIP() << "no cgroup can be made here";
  for (const char* source : {"sockops", "timer tracepoints"}) {
    const std::string missing = Missing(place, source);
    if (!missing.empty()) GTEST_SKIP() << missing;
  }
  const auto [client, port] = place.Connect();
  place.Close(client);
  const auto told = place.ToldUntil(port, "FIN_WAIT2 fired");
  EXPECT_THAT(TextsOf(told),
              ElementsAre("CLOSED -> SYN_SENT", "SYN_SENT -> ESTABLISHED",
                          "ESTABLISHED -> FIN_WAIT1", "FIN_WAIT1 -> FIN_WAIT2",
                          "FIN_WAIT2 armed", "FIN_WAIT2 -> CLOSED",
                          "FIN_WAIT2 stopped", "FIN_WAIT2 fired"));
  EXPECT_EQ(RecordOf(place.source(), "sockops").lost, 0U);
  EXPECT_EQ(RecordOf(place.source(), "timer tracepoints").lost, 0U);
}

// The state is set before the timer is: both its events tell the new one.
TEST(KernelEvents, TellAMinisocksChangeOfState) {
  Place place(CgroupIfAny());
  const std::string missing = Missing(place, "timer tracepoints");
  if (!missing.empty()) GTEST_SKIP() << missing;
  const auto [client, port] = place.Connect();
  const int server = place.Accept();
  place.Close(client);
  place.ToldUntil(port, "FIN_WAIT2 -> CLOSED");  // the ACK may be delayed
  place.Close(server);
  const auto told = place.ToldUntil(port, "TIME_WAIT armed");
  const auto texts = TextsOf(told);
  ASSERT_GE(texts.size(), 4U);
  EXPECT_THAT((std::vector(texts.end() - 4, texts.end())),
              ElementsAre("FIN_WAIT2 armed", "FIN_WAIT2 -> CLOSED",
                          "TIME_WAIT stopped", "TIME_WAIT armed"));
}

// How late the timer of an orphan fires, by the slot that was told.
Duration LatenessOfAnOrphan(Place& place) {
  const auto [client, port] = place.Connect();
  place.Close(client);
  const auto told = place.ToldUntil(port, "FIN_WAIT2 fired");
  const auto armed = std::find_if(told.begin(), told.end(), [](auto& event) {
    return event.kind == Event::Kind::kTimerArmed;
  });
  if (armed == told.end()) {
    ADD_FAILURE() << "fired without having been armed";
    return Duration::max();
  }
  EXPECT_GE(armed->slot, armed->requested);
  return told.back().at - armed->slot;
}

// The timer's interrupt may be kept waiting, but not every time. One orphan
// after the other: timers of one slot would wait for the same interrupt.
TEST(KernelEvents, TellWhenAMinisockWillEndToHalfAMillisecond) {
  Place place(CgroupIfAny());
  const std::string missing = Missing(place, "timer tracepoints");
  if (!missing.empty()) GTEST_SKIP() << missing;
  Duration least = Duration::max();
  for (int n = 0; n < 5 && least >= microseconds(500); ++n) {
    least = std::min(least, LatenessOfAnOrphan(place));
    ASSERT_GT(least, -microseconds(500));
  }
  EXPECT_LT(least, microseconds(500));
}

// Those of other sockets, too, and not those that wait for an idle CPU to wake
// up, which may take minutes.
TEST(KernelEvents, TellHowLateTheLatestTimerWas) {
  Place place(CgroupIfAny());
  const std::string missing = Missing(place, "timer tracepoints");
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Duration one = LatenessOfAnOrphan(place);
  const tcp::SourceRecord record =
      RecordOf(place.source(), "timer tracepoints");
  EXPECT_GT(record.late_timer, Duration::zero());
  EXPECT_GE(record.late_timer, one - microseconds(500));
  EXPECT_LT(record.late_timer, std::chrono::seconds(5));
  EXPECT_LT(record.late_tick, std::chrono::seconds(5));
  RecordProperty("late_timer_us", record.late_timer / microseconds(1));
  RecordProperty("late_tick_us", record.late_tick / microseconds(1));
}

TEST(KernelEvents, TellOfTheServersRequestSocket) {
  Place place(CgroupIfAny());
  for (const char* source : {"sockops", "timer tracepoints"}) {
    const std::string missing = Missing(place, source);
    if (!missing.empty()) GTEST_SKIP() << missing;
  }
  const in_port_t client = place.Connect().second;
  place.ToldUntil(client, "SYN_SENT -> ESTABLISHED");
  const auto is_server = [&](const Event& event) {
    return event.tuple.remote.port == client;
  };
  std::vector<Event> told;
  const auto& all = place.Told();
  std::copy_if(all.begin(), all.end(), std::back_inserter(told), is_server);
  EXPECT_THAT(TextsOf(told), ElementsAre("SYN_RECV armed", "SYN_RECV stopped",
                                         "SYN_RECV -> ESTABLISHED"));
}

TEST(KernelEvents, WithoutACgroupTheStateTracepointTakesOver) {
  Place place(std::nullopt);
  const std::string missing = Missing(place, "timer tracepoints");
  if (!missing.empty()) GTEST_SKIP() << missing;
  EXPECT_FALSE(RecordOf(place.source(), "sockops").used);
  EXPECT_EQ(RecordOf(place.source(), "sockops").detail, "no cgroup is wanted");
  EXPECT_TRUE(RecordOf(place.source(), "state tracepoint").used);
  const auto [client, port] = place.Connect();
  place.Close(client);
  const auto told = place.ToldUntil(port, "FIN_WAIT2 fired");
  std::vector<std::string> expected = {
      "CLOSED -> SYN_SENT",       "SYN_SENT -> ESTABLISHED",
      "ESTABLISHED -> FIN_WAIT1", "FIN_WAIT1 -> FIN_WAIT2",
      "FIN_WAIT2 armed",          "FIN_WAIT2 -> CLOSED",
      "FIN_WAIT2 stopped",        "FIN_WAIT2 fired"};
  const std::string detail =
      RecordOf(place.source(), "state tracepoint").detail;
  if (detail.find("but CLOSED") != std::string::npos) {
    expected.erase(expected.begin());
  }
  EXPECT_EQ(TextsOf(told), expected);
  for (const Event& event : told) {
    if (event.to != TcpState::kFinWait1) continue;
    EXPECT_EQ(event.pid, place.pid());
    EXPECT_EQ(event.command, "actor");
  }
}

// Who tells of a namespace tells of no other.
void ExpectOnlyTheirOwn(Place& one, Place& other) {
  std::vector<in_port_t> clients;
  for (int n = 0; n < 3; ++n) clients.push_back(one.Connect().second);
  const in_port_t alone = other.Connect().second;
  const auto births = [](Place& place) {
    return std::count_if(place.Told().begin(), place.Told().end(),
                         [](const Event& event) {
                           return TextOf(event) == "SYN_SENT -> ESTABLISHED";
                         });
  };
  one.ToldUntil(clients.back(), "SYN_SENT -> ESTABLISHED");
  other.ToldUntil(alone, "SYN_SENT -> ESTABLISHED");
  EXPECT_EQ(births(one), 3);
  EXPECT_EQ(births(other), 1);
}

TEST(KernelEvents, OfTwoRunsDoNotSeeEachOther) {
  Place one(CgroupIfAny());
  Place other(CgroupIfAny());
  const std::string missing = Missing(one, "sockops");
  if (!missing.empty()) GTEST_SKIP() << missing;
  ExpectOnlyTheirOwn(one, other);
}

TEST(KernelEvents, OfTwoNamespacesAreNotMixedByTracepoints) {
  Place one(std::nullopt);
  Place other(std::nullopt);
  const std::string missing = Missing(one, "timer tracepoints");
  if (!missing.empty()) GTEST_SKIP() << missing;
  ExpectOnlyTheirOwn(one, other);
}

// What an unprivileged user is told, from a child that became one.
std::string DetailsForNobody() {
  constexpr uid_t kNobody = 65534;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) ThrowErrno("making a pipe");
  const FileDescriptor read_end(ends[0]);
  FileDescriptor write_end(ends[1]);
  const pid_t child = fork();
  if (child < 0) ThrowErrno("forking");
  if (child == 0) {
    if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 ||
        setuid(kNobody) != 0) {
      _exit(77);
    }
    const KernelEvents events(KernelEvents::Options{});
    std::string text;
    for (const tcp::SourceRecord& record : events.Records()) {
      text += record.used ? "used" : record.name + ": " + record.detail + "\n";
    }
    const bool written = write(write_end.get(), text.data(), text.size()) ==
                         static_cast<ssize_t>(text.size());
    _exit(written && events.fd() < 0 && !events.sees_timers() ? 0 : 1);
  }
  write_end.reset();
  std::string text(4096, '\0');
  const ssize_t length = read(read_end.get(), text.data(), text.size());
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) return "no such user";
  EXPECT_EQ(status, 0);
  return text;
}

TEST(KernelEvents, ThatAreForbiddenAreNoErrorAndSayWhy) {
  const std::string details = DetailsForNobody();
  if (details == "no such user") {
    GTEST_SKIP() << "needs root: in a user namespace there is nobody else";
  }
  EXPECT_THAT(details,
              HasSubstr("sockops: a BPF ring: Operation not permitted"));
  EXPECT_THAT(details, HasSubstr("timer tracepoints: a BPF ring"));
  EXPECT_THAT(details, Not(HasSubstr("used")));
}

}  // namespace
}  // namespace finwait::observe
