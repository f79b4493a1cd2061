// Our side of an actor; its own is in actor_process.cc.
#include "process/actor.h"

#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <stdexcept>
#include <utility>

#include "base/error.h"
#include "process/actor_process.h"

namespace finwait::process {
namespace {

struct SocketPair {
  FileDescriptor ours;
  FileDescriptor actors;
};

SocketPair MakeSocketPair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    ThrowErrno("making an actor: socketpair");
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

CallMessage ToMessage(const Call& call) {
  return {.kind = call.kind,
          .fd = call.fd,
          .level = call.level,
          .name = call.name,
          .flags = call.flags,
          .number = call.number,
          .address = call.address,
          .address_length = call.address_length,
          .data_length = static_cast<std::uint32_t>(call.data.size())};
}

TimePoint ToTimePoint(std::int64_t nanoseconds) {
  return TimePoint(Duration(nanoseconds));
}

timespec Until(TimePoint deadline) {
  const Duration left =
      std::max(deadline - MonotonicClock::now(), Duration::zero());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  return {.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
}

}  // namespace

class Actor::State {
 public:
  State(Sandbox& sandbox, const netns::Namespace& ns, const std::string& label);

  pid_t pid() const { return child_->pid(); }
  int fd() const { return control_.get(); }
  bool pending() const { return pending_; }
  void Start(const Call& call);
  std::optional<CallReturn> Poll();
  std::optional<CallReturn> Wait(std::optional<TimePoint> deadline);
  void Kill();
  void Exit();

 private:
  std::string Doing() const { return "actor " + label_; }

  std::string label_;
  FileDescriptor control_;
  std::shared_ptr<Child> child_;
  std::string received_ = std::string(kMaxCallData, '\0');
  bool pending_ = false;
};

Actor::State::State(Sandbox& sandbox, const netns::Namespace& ns,
                    const std::string& label)
    : label_(label) {
  SocketPair pair = MakeSocketPair();
  child_ = sandbox.Spawn([&] {
    int refusal = 0;
    const Cgroup* cgroup = sandbox.cgroup();
    const pid_t pid = cgroup != nullptr ? cgroup->Fork(&refusal) : fork();
    if (pid < 0) ThrowErrno("starting " + Doing());
    if (pid == 0) RunActor(pair.actors.get(), ns.fd(), label_.c_str(), refusal);
    return pid;
  });
  control_ = std::move(pair.ours);
  pair.actors.reset();
  pending_ = true;
  const CallReturn entered = *Wait(std::nullopt);
  if (entered.error != 0) {
    ThrowErrno(Doing() + ": entering its namespace and control group",
               entered.error);
  }
}

void Actor::State::Start(const Call& call) {
  if (pending_) throw std::logic_error(Doing() + " has a call under way");
  if (call.data.size() > kMaxCallData) {
    throw std::length_error(Doing() + ": too much data for one call");
  }
  CallMessage fixed = ToMessage(call);
  iovec parts[] = {{&fixed, sizeof fixed},
                   {const_cast<char*>(call.data.data()), call.data.size()}};
  const msghdr message{.msg_iov = parts, .msg_iovlen = 2};
  if (sendmsg(control_.get(), &message, MSG_NOSIGNAL) < 0) {
    ThrowErrno(Doing() + ": asking for a call");
  }
  pending_ = true;
}

std::optional<CallReturn> Actor::State::Poll() {
  ReturnMessage fixed{};
  iovec parts[] = {{&fixed, sizeof fixed},
                   {received_.data(), received_.size()}};
  msghdr message{.msg_iov = parts, .msg_iovlen = 2};
  const ssize_t length = recvmsg(control_.get(), &message, MSG_DONTWAIT);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (length < static_cast<ssize_t>(sizeof fixed)) {
    pending_ = false;
    throw Error(Doing(), "its process has ended");
  }
  pending_ = false;
  return CallReturn{.value = fixed.value,
                    .error = fixed.error,
                    .begin = ToTimePoint(fixed.begin),
                    .end = ToTimePoint(fixed.end),
                    .address = fixed.address,
                    .data = received_.substr(0, fixed.data_length)};
}

std::optional<CallReturn> Actor::State::Wait(
    std::optional<TimePoint> deadline) {
  while (true) {
    if (auto result = Poll()) return result;
    pollfd answer{.fd = control_.get(), .events = POLLIN};
    const timespec left = Until(deadline.value_or(TimePoint::max()));
    const int ready = ppoll(&answer, 1, deadline ? &left : nullptr, nullptr);
    if (ready == 0) return Poll();
  }
}

void Actor::State::Kill() {
  child_->End();
  pending_ = false;
}

// An actor ends when nobody can ask it for anything any more.
void Actor::State::Exit() {
  shutdown(control_.get(), SHUT_WR);
  pollfd end{.fd = child_->pidfd(), .events = POLLIN};
  while (poll(&end, 1, -1) < 0 && errno == EINTR) {
  }
  Kill();
}

Actor::Actor(Sandbox& sandbox, const netns::Namespace& ns,
             const std::string& label)
    : state_(std::make_unique<State>(sandbox, ns, label)) {}
Actor::~Actor() = default;
Actor::Actor(Actor&&) noexcept = default;
Actor& Actor::operator=(Actor&&) noexcept = default;

pid_t Actor::pid() const { return state_->pid(); }
int Actor::fd() const { return state_->fd(); }
void Actor::Start(const Call& call) { state_->Start(call); }
bool Actor::pending() const { return state_->pending(); }
std::optional<CallReturn> Actor::Poll() { return state_->Poll(); }
std::optional<CallReturn> Actor::Wait(TimePoint deadline) {
  return state_->Wait(deadline);
}

CallReturn Actor::Do(const Call& call) {
  state_->Start(call);
  return *state_->Wait(std::nullopt);
}

void Actor::Kill() { state_->Kill(); }
void Actor::Exit() { state_->Exit(); }

}  // namespace finwait::process
