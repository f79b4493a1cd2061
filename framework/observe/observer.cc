// The observer's thread: waits for segments, notices, requests and
// appointments, and looks.
#include "observe/observer.h"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <future>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "observe/endpoint_book.h"
#include "observe/watch_list.h"

namespace finwait::observe {
namespace {

// The finest interval of looks while a timer is late, and the share of a core
// that looks may take when many timers are late at once.
constexpr Duration kPollInterval = std::chrono::milliseconds(1);
constexpr Duration kLookBudget = std::chrono::microseconds(5);

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

// A segment that `watch`'s host sent or received.
struct Passed {
  const HostWatch* watch = nullptr;
  bool sent = false;
  Segment segment;
};

TimePoint TimeOf(const Passed& passed) { return passed.segment.packet.at; }
TimePoint TimeOf(const Event& event) { return event.at; }

template <typename T>
void SortByTime(std::vector<T>& batch) {
  std::stable_sort(batch.begin(), batch.end(), [](const T& a, const T& b) {
    return TimeOf(a) < TimeOf(b);
  });
}

std::map<std::string, std::vector<tcp::IpAddress>> AddressesOf(
    const std::vector<Vantage>& vantages) {
  std::map<std::string, std::vector<tcp::IpAddress>> addresses;
  for (const Vantage& v : vantages) addresses[v.host] = v.addresses;
  return addresses;
}

// Ahead of everybody, if we may: an observer that is kept waiting sees late.
// The kernel limits real-time threads to 95 % of a core by default.
void AskForPriority() {
  prctl(PR_SET_TIMERSLACK, 1000UL);  // 1 us, not the default 50
  sched_param parameter{};
  parameter.sched_priority = 1;
  if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter) != 0) {
    setpriority(PRIO_PROCESS, 0, -20);  // this thread; refused without root
  }
}

}  // namespace

class Observer::Thread {
 public:
  Thread(std::vector<Vantage> vantages, Options options);
  ~Thread();

  // Runs f on the thread and waits for it.
  void Call(std::function<void()> f);

  FileDescriptor When(std::function<bool(const Endpoints&)> condition);
  void Look(const std::string& host, const tcp::FourTuple& tuple,
            const std::string& name, TimePoint called);
  void Settle();
  Seen Finish();
  void Adopt(const std::string& host);
  EndpointBook& book() { return book_; }

 private:
  struct Condition {
    std::function<bool(const Endpoints&)> holds;
    FileDescriptor event;
  };

  void Register(int fd);
  void Main();
  void Loop();
  void Await();
  void ServeRequests();
  void DrainAll();
  void Drain(EventSource& source);
  void Drain(HostWatch& watch);
  void TellInOrder(TimePoint now);
  void Adopt(HostWatch& watch, const std::string& hole);
  void Reconcile();
  std::vector<tcp::SourceRecord> Records() const;
  void LookAtDue();
  void LookAt(const std::vector<WatchList::Appointment>& due);
  void Schedule(std::size_t endpoint, TimePoint when);
  void CheckConditions();
  HostWatch& WatchOf(const std::string& host);
  Duration PollInterval() const;

  std::unique_ptr<FrameStore> frames_;  // null: none are kept
  HostWatches watches_;
  std::map<std::string, HostWatch*> by_host_;
  std::vector<std::unique_ptr<EventSource>> sources_;
  EndpointBook book_;
  WatchList watch_list_;
  std::vector<Condition> conditions_;
  std::vector<Passed> passed_;  // empty between drains, as is
  std::vector<Event> told_;
  std::uint64_t segments_ = 0;
  std::uint64_t looks_ = 0;
  bool changed_ = false;
  std::size_t late_ = 0;  // sockets whose timer was late when last looked at

  FileDescriptor epoll_;
  FileDescriptor timer_;
  FileDescriptor wake_;

  std::mutex mutex_;  // guards what follows
  std::deque<std::packaged_task<void()>> requests_;
  bool stop_ = false;
  bool ended_ = false;
  std::exception_ptr failure_;

  std::thread thread_;  // last: starts when everything above exists
};

Observer::Thread::Thread(std::vector<Vantage> vantages, Options options)
    : book_(MonotonicClock::now(),
            Names(std::move(options.names), AddressesOf(vantages)),
            std::move(options.on_transition)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      wake_(MakeEventFd()) {
  if (!epoll_.valid() || !timer_.valid()) ThrowErrno("starting the observer");
  if (options.keep_frames) frames_ = StoreFor(vantages);
  watches_ = WatchAll(std::move(vantages), frames_.get());
  for (const auto& watch : watches_) by_host_[watch->host()] = watch.get();
  sources_ = std::move(options.sources);
  for (const auto& source : sources_) {
    if (source->fd() >= 0) Register(source->fd());
  }
  for (const auto& watch : watches_) {
    for (const int fd : watch->fds()) Register(fd);
  }
  Register(timer_.get());
  Register(wake_.get());
  thread_ = std::thread([this] { Main(); });
}

Observer::Thread::~Thread() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  Raise(wake_);
  if (thread_.joinable()) thread_.join();
  Release(std::move(watches_));
}

void Observer::Thread::Register(int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    ThrowErrno("watching a descriptor");
  }
}

void Observer::Thread::Main() {
  prctl(PR_SET_NAME, "observer");
  AskForPriority();
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
    LookAtDue();
    ServeRequests();
    if (changed_) CheckConditions();
    std::lock_guard lock(mutex_);
    if (stop_) return;
  }
}

void Observer::Thread::Await() {
  itimerspec when{};
  if (const auto due = watch_list_.NextDue()) {
    // 0 would disarm the timer; what is due already fires at once.
    const auto ns = std::max<std::int64_t>(due->time_since_epoch().count(), 1);
    when.it_value.tv_sec = ns / 1'000'000'000;
    when.it_value.tv_nsec = ns % 1'000'000'000;
  }
  timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
  epoll_event events[16];
  if (epoll_wait(epoll_.get(), events, 16, -1) < 0 && errno != EINTR) {
    ThrowErrno("waiting for segments");
  }
  Clear(timer_);
  Clear(wake_);
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

// Events first: a segment is seen before or soon after the event that belongs
// to it, which then finds the segment's proposal.
void Observer::Thread::DrainAll() {
  const TimePoint now = MonotonicClock::now();
  for (const auto& source : sources_) Drain(*source);
  for (const auto& watch : watches_) Drain(*watch);
  if (passed_.empty() && told_.empty()) return;
  TellInOrder(now);
  book_.PublishTouched();
  changed_ = true;
}

void Observer::Thread::Drain(EventSource& source) {
  source.Drain([&](const Event& event) {
    const HostWatch& watch = WatchOf(std::string(event.host));
    if (watch.IsOwn(event.tuple.local.ip)) told_.push_back(event);
  });
}

void Observer::Thread::Drain(HostWatch& watch) {
  const TimePoint now = MonotonicClock::now();
  watch.Drain(
      [&](const Segment& segment, bool sent) {
        passed_.push_back({&watch, sent, segment});
      },
      [&](const tcp::FourTuple& tuple) {
        const auto endpoint = book_.Find(watch.host(), tuple);
        if (endpoint) Schedule(*endpoint, now);
      });
}

// Hands over what the drains brought, in the order of time.
void Observer::Thread::TellInOrder(TimePoint now) {
  SortByTime(passed_);
  SortByTime(told_);
  auto event = told_.begin();
  const auto tell_until = [&](TimePoint end) {
    for (; event != told_.end() && event->at < end; ++event) {
      if (const auto look = book_.OnEvent(*event)) Schedule(*look, now);
    }
  };
  for (const auto& [watch, sent, segment] : passed_) {
    tell_until(segment.packet.at);
    const auto look = book_.OnSegment(watch->host(), sent, segment);
    if (look) Schedule(*look, now);
  }
  tell_until(TimePoint::max());
  segments_ += passed_.size();
  passed_.clear();
  told_.clear();
}

void Observer::Thread::Schedule(std::size_t endpoint, TimePoint when) {
  if (!book_.finished(endpoint)) watch_list_.Schedule(endpoint, when);
}

void Observer::Thread::LookAtDue() {
  late_ = 0;
  const auto due = watch_list_.TakeDue(MonotonicClock::now());
  if (!due.empty()) LookAt(due);
}

// Asks first, then reads what the captures hold by now, so that every segment
// that came before an answer is known when the answer is evaluated.
void Observer::Thread::LookAt(const std::vector<WatchList::Appointment>& due) {
  std::vector<tcp::Sample> samples;
  samples.reserve(due.size());
  looks_ += due.size();
  for (const auto& [when, n] : due) {
    const tcp::EndpointTimeline& endpoint = book_.endpoints()[n];
    samples.push_back(WatchOf(endpoint.host).Look(endpoint.tuple));
    samples.back().late = samples.back().before - when;
    const auto& facts = samples.back().facts;
    if (facts && facts->timer != tcp::TimerKind::kOff &&
        facts->expires <= Duration::zero()) {
      ++late_;
    }
  }
  DrainAll();
  for (std::size_t n = 0; n < due.size(); ++n) {
    const std::size_t endpoint = due[n].endpoint;
    const auto next = book_.OnSample(endpoint, samples[n], PollInterval());
    if (next) Schedule(endpoint, *next);
  }
  changed_ = true;
}

Duration Observer::Thread::PollInterval() const {
  return std::max<Duration>(kPollInterval, kLookBudget * late_);
}

HostWatch& Observer::Thread::WatchOf(const std::string& host) {
  const auto found = by_host_.find(host);
  if (found != by_host_.end()) return *found->second;
  throw std::logic_error("host " + host + " is not watched");
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
    Adopt(WatchOf(host), "");
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
  for (const auto& watch : watches_) {
    Adopt(*watch, "its socket was there at the end, and nothing told of it");
  }
}

std::vector<tcp::SourceRecord> Observer::Thread::Records() const {
  std::vector<tcp::SourceRecord> records;
  for (const auto& source : sources_) {
    for (auto& record : source->Records()) records.push_back(std::move(record));
  }
  tcp::SourceRecord packets{.name = "packets", .used = true};
  packets.events = segments_;
  for (const auto& watch : watches_) packets.lost += watch->dropped();
  records.push_back(std::move(packets));
  records.push_back({.name = "sock_diag", .used = true, .events = looks_});
  return records;
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
    for (const auto& watch : watches_) seen.packets_dropped += watch->dropped();
    seen.sources = Records();
    seen.endpoints = book_.Take();
    if (frames_) {
      seen.sources.push_back(frames_->Record());
      seen.interfaces = frames_->interfaces();
      seen.frames = frames_->Take();
    }
    std::lock_guard lock(mutex_);
    stop_ = true;
  });
  thread_.join();
  return seen;
}

Observer::Observer(std::vector<Vantage> vantages, Options options)
    : thread_(
          std::make_unique<Thread>(std::move(vantages), std::move(options))) {}

Observer::~Observer() = default;

void Observer::ExpectConnection(const std::string& host,
                                const tcp::SocketAddress& remote,
                                const std::string& name) {
  thread_->Call([&] { thread_->book().names().Expect(host, remote, name); });
}

void Observer::ExpectQueue(const std::string& host) {
  thread_->Call([&] { thread_->book().ExpectQueue(host); });
}

void Observer::Look(const std::string& host, const tcp::FourTuple& tuple,
                    const std::string& name, TimePoint called) {
  thread_->Look(host, tuple, name, called);
}

void Observer::Adopt(const std::string& host) { thread_->Adopt(host); }

FileDescriptor Observer::When(std::function<bool(const Endpoints&)> condition) {
  return thread_->When(std::move(condition));
}

void Observer::Settle() { thread_->Settle(); }

void Observer::Inspect(const std::function<void(const Endpoints&)>& f) {
  thread_->Call([&] { f(thread_->book().endpoints()); });
}

Observer::Seen Observer::Finish() { return thread_->Finish(); }

}  // namespace finwait::observe
