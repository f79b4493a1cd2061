#include "observe/observer_thread.h"

#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/priority.h"

namespace finwait::observe {
namespace {

// The finest interval of looks while a timer is late, and the share of a core
// that looks may take when many timers are late at once.
constexpr Duration kPollInterval = std::chrono::milliseconds(1);
constexpr Duration kLookBudget = std::chrono::microseconds(5);

// A change that came during a round of looks is looked at, too, before whoever
// waits for it is told and goes on to the next one; but not without end.
constexpr Duration kPatience = std::chrono::milliseconds(5);

// So many looks in a row, then other observers take their turn.
constexpr std::size_t kTurn = 32;

// In virtual time all share one processor, and all are SCHED_FIFO; reading the
// clock takes time, and nothing else does.
void GiveWay() {
  if (TimeIsVirtual()) sched_yield();
}

FileDescriptor MakeEventFd() {
  FileDescriptor fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd.valid()) ThrowErrno("making an eventfd");
  return fd;
}

void Raise(const FileDescriptor& event) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written =
      write(event.get(), &one, sizeof one);  // cannot fail below 2^64 - 1
}

void Clear(const FileDescriptor& event) {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(event.get(), &count, sizeof count);
}

std::map<std::string, std::vector<tcp::IpAddress>> AddressesOf(
    const std::vector<Vantage>& vantages) {
  std::map<std::string, std::vector<tcp::IpAddress>> addresses;
  for (const Vantage& v : vantages) addresses[v.host] = v.addresses;
  return addresses;
}

void AskForPriority(bool ahead) {
  prctl(PR_SET_TIMERSLACK, 1000UL);  // 1 us, not the default 50
  if (ahead) {
    GoAhead();
  } else {
    setpriority(PRIO_PROCESS, 0, -20);  // this thread; refused without root
  }
}

}  // namespace

Observer::Thread::Thread(std::vector<Vantage> vantages, Options options)
    : book_(MonotonicClock::now(),
            Names(std::move(options.names), AddressesOf(vantages)),
            std::move(options.on_transition), options.forget),
      intake_(std::move(vantages), std::move(options.sources),
              options.keep_frames),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(MakeEventFd()) {
  if (!epoll_.valid()) ThrowErrno("starting the observer");
  for (const int fd : intake_.fds()) Register(fd);
  Register(timer_.fd());
  Register(wake_.get());
  thread_ = std::thread([this, ahead = options.priority] { Main(ahead); });
}

Observer::Thread::~Thread() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  Raise(wake_);
  if (thread_.joinable()) thread_.join();
}

void Observer::Thread::Register(int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    ThrowErrno("watching a descriptor");
  }
}

void Observer::Thread::Main(bool ahead) {
  prctl(PR_SET_NAME, "observer");
  AskForPriority(ahead);
  std::exception_ptr failure;
  try {
    Loop();
  } catch (...) {
    failure = std::current_exception();
  }
  std::lock_guard lock(mutex_);
  ended_ = true;
  failure_ = failure;
  requests_.clear();  // their callers get broken_promise, see Call
  for (const Condition& condition : conditions_) Raise(condition.event);
}

void Observer::Thread::Loop() {
  while (true) {
    Await();
    DrainAll();
    LookAtAllDue();
    ServeRequests();
    if (changed_) CheckConditions();
    book_.ForgetFinished(MonotonicClock::now());
    std::lock_guard lock(mutex_);
    if (stop_) return;
  }
}

void Observer::Thread::Await() {
  SetTimer();
  epoll_event events[16];
  const int count = epoll_wait(epoll_.get(), events, 16, -1);
  if (count < 0 && errno != EINTR) ThrowErrno("waiting for segments");
  for (int n = 0; n < count; ++n) {
    if (events[n].data.fd == timer_.fd()) {
      timer_.Clear();
      armed_.reset();
    } else if (events[n].data.fd == wake_.get()) {
      Clear(wake_);
    }
  }
}

void Observer::Thread::SetTimer() {
  const auto due = watch_list_.NextDue();
  if (due == armed_) return;
  armed_ = due;
  timer_.Set(due);
}

void Observer::Thread::ServeRequests() {
  while (true) {
    std::packaged_task<void()> request;
    {
      std::lock_guard lock(mutex_);
      if (requests_.empty()) return;
      request = std::move(requests_.front());
      requests_.pop_front();
    }
    request();
    changed_ = true;
  }
}

void Observer::Thread::DrainAll() {
  const TimePoint now = MonotonicClock::now();
  const bool anything = intake_.Drain(
      book_, [&](std::size_t endpoint) { Schedule(endpoint, now); });
  changed_ = changed_ || anything;
}

void Observer::Thread::Schedule(std::size_t endpoint, TimePoint when) {
  if (!book_.finished(endpoint)) watch_list_.Schedule(endpoint, when);
}

// In virtual time the next round comes before anybody else's turn anyway.
void Observer::Thread::LookAtAllDue() {
  LookAtDue();
  if (TimeIsVirtual()) return;
  const TimePoint begin = MonotonicClock::now();
  TimePoint now = begin;
  while (watch_list_.NextDue().value_or(TimePoint::max()) <= now &&
         now < begin + kPatience) {
    LookAtDue();
    now = MonotonicClock::now();
  }
}

void Observer::Thread::LookAtDue() {
  late_ = 0;
  auto due = watch_list_.TakeDue(MonotonicClock::now());
  std::erase_if(due, [&](const WatchList::Appointment& appointment) {
    return book_.finished(appointment.endpoint);
  });
  if (!due.empty()) LookAt(due);
}

// Asks first, then reads what the captures hold by now, so that every segment
// that came before an answer is known when the answer is evaluated.
void Observer::Thread::LookAt(const std::vector<WatchList::Appointment>& due) {
  std::vector<tcp::Sample> samples;
  samples.reserve(due.size());
  looks_ += due.size();
  for (const auto& [when, n] : due) {
    if (samples.size() % kTurn == kTurn - 1) GiveWay();
    const tcp::EndpointTimeline& endpoint = book_.endpoints()[n];
    samples.push_back(intake_.WatchOf(endpoint.host).Look(endpoint.tuple));
    samples.back().late = samples.back().before - when;
    const auto& facts = samples.back().facts;
    if (facts && facts->timer != tcp::TimerKind::kOff &&
        facts->expires <= Duration::zero()) {
      ++late_;
    }
  }
  DrainAll();
  Foresee();
  for (std::size_t n = 0; n < due.size(); ++n) {
    const std::size_t endpoint = due[n].endpoint;
    const auto next = book_.OnSample(endpoint, samples[n], PollInterval());
    if (next) Schedule(endpoint, *next);
  }
  changed_ = true;
}

// In virtual time a timer fires at its tick; in real time, when softirqs may
// run. Shortly after the boot the tick is not known yet.
void Observer::Thread::Foresee() {
  constexpr int kAttempts = 20;
  if (!TimeIsVirtual() || book_.foresees() || attempts_ == kAttempts) return;
  ++attempts_;
  if (const auto clock = JiffyClock::Read()) book_.Foresee(*clock);
}

Duration Observer::Thread::PollInterval() const {
  return std::max<Duration>(kPollInterval, kLookBudget * late_);
}

void Observer::Thread::CheckConditions() {
  changed_ = false;
  std::erase_if(conditions_, [&](const Condition& condition) {
    if (!condition.holds(book_.endpoints())) return false;
    Raise(condition.event);
    return true;
  });
}

void Observer::Thread::Call(std::function<void()> f) {
  std::packaged_task<void()> task(std::move(f));
  std::future<void> done = task.get_future();
  {
    std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    if (ended_) throw std::logic_error("the observer has ended");
    requests_.push_back(std::move(task));
  }
  Raise(wake_);
  try {
    done.get();
  } catch (const std::future_error&) {
    std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    throw;
  }
}

FileDescriptor Observer::Thread::When(
    std::function<bool(const Endpoints&)> condition) {
  FileDescriptor event = MakeEventFd();
  FileDescriptor ours(dup(event.get()));
  if (!ours.valid()) ThrowErrno("duplicating an eventfd");
  Call([&] { conditions_.push_back({std::move(condition), std::move(ours)}); });
  return event;
}

void Observer::Thread::Look(const std::string& host,
                            const tcp::FourTuple& tuple,
                            const std::string& name, TimePoint called) {
  Call([&] {
    DrainAll();
    const std::size_t endpoint = book_.Open(host, tuple);
    if (!name.empty()) book_.Rename(endpoint, name);
    book_.OnCall(endpoint, called);
    LookAt({{MonotonicClock::now(), endpoint}});
  });
}

void Observer::Thread::Settle() {
  Call([&] {
    DrainAll();
    LookAtDue();
  });
  const FileDescriptor settled =
      When([this](const Endpoints&) { return !book_.in_doubt(); });
  pollfd event{settled.get(), POLLIN, 0};
  while (poll(&event, 1, -1) < 0 && errno == EINTR) {
  }
}

void Observer::Thread::Adopt(const std::string& host) {
  Call([&] {
    DrainAll();
    Adopt(intake_.WatchOf(host), "");
  });
}

// Starts an endpoint for every socket that is in no timeline.
void Observer::Thread::Adopt(HostWatch& watch, const std::string& hole) {
  for (const netlink::DiagEntry& entry : watch.Dump()) {
    const auto known = book_.Find(watch.host(), entry.tuple);
    if (known && !book_.finished(*known)) continue;
    // It may have ended, or begun, while the table was read.
    const tcp::Sample now = watch.Look(entry.tuple);
    DrainAll();
    const auto told = book_.Find(watch.host(), entry.tuple);
    if (!now.facts || (told && !book_.finished(*told))) continue;
    const std::size_t endpoint =
        book_.Adopt(watch.host(), entry.tuple, now.facts->state, hole);
    Schedule(endpoint, MonotonicClock::now());
  }
}

// What is there at the end must be what the timelines say.
void Observer::Thread::Reconcile() {
  for (const auto& watch : intake_.watches()) {
    Adopt(*watch, "its socket was there at the end, and nothing told of it");
  }
}

Observer::Seen Observer::Thread::Finish() {
  Call([&] {
    DrainAll();
    Reconcile();
    const TimePoint now = MonotonicClock::now();
    for (std::size_t n = 0; n < book_.endpoints().size(); ++n) {
      Schedule(n, now);
    }
  });
  Settle();
  Seen seen;
  Call([&] {
    seen.packets_dropped = intake_.packets_dropped();
    seen.sources = intake_.Records();
    seen.sources.push_back(
        {.name = "sock_diag", .used = true, .detail = {}, .events = looks_});
    seen.endpoints = book_.Take();
    if (FrameStore* frames = intake_.frames()) {
      seen.interfaces = frames->interfaces();
      seen.frames = frames->Take();
    }
    std::lock_guard lock(mutex_);
    stop_ = true;
  });
  thread_.join();
  return seen;
}

}  // namespace finwait::observe
