// The process that makes socket calls. Raw system calls only: it is a fork of
// a process with threads that never executes anything.
#include "process/actor_process.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>

#include "base/priority.h"
#include "netns/namespace.h"
#include "process/after_fork.h"

namespace finwait::process {
namespace {

// Where the control socket goes, so that the actor's sockets get the numbers a
// person expects: 3, 4, 5, ...
constexpr rlim_t kControlNumber = 1000;

// Of this process after fork; bytes sent, received, or of an option.
char data[kMaxCallData];

std::int64_t Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

int AtHighNumber(int control) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t number = std::min(kControlNumber, limit.rlim_cur - 1);
  const int high = fcntl(control, F_DUPFD, static_cast<int>(number));
  return high < 0 ? control : high;
}

// 0, 1, 2 become /dev/null, the control socket goes out of the way, everything
// else is closed. Returns the control socket's number.
int SettleDescriptors(int control) {
  RaiseFileLimit();
  const int high = AtHighNumber(control);
  CloseFrom(0, high);
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    open("/dev/null", O_RDWR);  // takes the lowest free number
  }
  return high;
}

int SetNonblocking(const CallMessage& call) {
  const int flags = fcntl(call.fd, F_GETFL);
  if (flags < 0) return -1;
  return fcntl(call.fd, F_SETFL,
               call.number != 0 ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

std::size_t Room(const CallMessage& call) {
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(call.number, 0, kMaxCallData));
}

std::int64_t Getsockopt(const CallMessage& call, ReturnMessage& result) {
  auto length = static_cast<socklen_t>(Room(call));
  const int value = getsockopt(call.fd, call.level, call.name, data, &length);
  if (value == 0) result.data_length = length;
  return value;
}

std::int64_t Receive(const CallMessage& call, ReturnMessage& result) {
  const ssize_t value = recv(call.fd, data, Room(call), call.flags);
  if (value > 0) result.data_length = static_cast<std::uint32_t>(value);
  return value;
}

// The raw socket takes no number that other sockets would have had.
std::int64_t SendPacket(const CallMessage& call) {
  const int raw =
      socket(call.address.ss_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (raw < 0) return -1;
  const auto* to = reinterpret_cast<const sockaddr*>(&call.address);
  const ssize_t value =
      sendto(raw, data, call.data_length, 0, to, call.address_length);
  const int error = errno;
  close(raw);
  errno = error;
  return value;
}

std::int64_t Make(const CallMessage& call, ReturnMessage& result) {
  const auto* to = reinterpret_cast<const sockaddr*>(&call.address);
  auto* from = reinterpret_cast<sockaddr*>(&result.address);
  socklen_t from_length = sizeof result.address;
  const int number = static_cast<int>(call.number);
  switch (call.kind) {
    case Call::Kind::kSocket:
      return socket(number, SOCK_STREAM | call.flags, 0);
    case Call::Kind::kBind:
      return bind(call.fd, to, call.address_length);
    case Call::Kind::kListen:
      return listen(call.fd, number);
    case Call::Kind::kConnect:
      return connect(call.fd, to, call.address_length);
    case Call::Kind::kAccept:
      return accept4(call.fd, from, &from_length, call.flags);
    case Call::Kind::kSend:
      return send(call.fd, data, call.data_length, call.flags | MSG_NOSIGNAL);
    case Call::Kind::kReceive:
      return Receive(call, result);
    case Call::Kind::kShutdown:
      return shutdown(call.fd, number);
    case Call::Kind::kClose:
      return close(call.fd);
    case Call::Kind::kSetsockopt:
      return setsockopt(call.fd, call.level, call.name, data, call.data_length);
    case Call::Kind::kGetsockopt:
      return Getsockopt(call, result);
    case Call::Kind::kSetNonblocking:
      return SetNonblocking(call);
    case Call::Kind::kGetsockname:
      return getsockname(call.fd, from, &from_length);
    case Call::Kind::kGetpeername:
      return getpeername(call.fd, from, &from_length);
    case Call::Kind::kSendPacket:
      return SendPacket(call);
  }
  errno = ENOSYS;
  return -1;
}

ReturnMessage MakeStamped(const CallMessage& call) {
  ReturnMessage result{};
  result.begin = Now();
  result.value = Make(call, result);
  const int error = errno;
  result.end = Now();
  result.error = result.value < 0 ? error : 0;
  return result;
}

void Answer(int control, ReturnMessage result) {
  iovec parts[] = {{&result, sizeof result}, {data, result.data_length}};
  const msghdr message{.msg_iov = parts, .msg_iovlen = 2};
  if (sendmsg(control, &message, MSG_NOSIGNAL) < 0) _exit(EXIT_FAILURE);
}

// False at the end of file: the owner is gone.
bool NextCall(int control, CallMessage* call) {
  iovec parts[] = {{call, sizeof *call}, {data, sizeof data}};
  msghdr message{.msg_iov = parts, .msg_iovlen = 2};
  return recvmsg(control, &message, 0) >= static_cast<ssize_t>(sizeof *call);
}

}  // namespace

void RunActor(int control, int namespace_fd, const char* label, int refusal) {
  ResetSignals();
  setsid();
  prctl(PR_SET_NAME, label);
  GoAheadInRealTime();
  ReturnMessage entered{};
  entered.error = refusal != 0 ? refusal : netns::EnterAfterFork(namespace_fd);
  control = SettleDescriptors(control);
  Answer(control, entered);
  CallMessage call{};
  while (NextCall(control, &call)) Answer(control, MakeStamped(call));
  _exit(EXIT_SUCCESS);
}

}  // namespace finwait::process
