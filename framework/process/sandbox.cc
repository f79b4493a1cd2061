// The sandbox: spawner, init and lifeline.
#include "process/sandbox.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "netns/mount_namespace.h"
#include "netns/pid_namespace.h"
#include "process/init_process.h"
#include "process/spawner.h"

namespace finwait::process {
namespace {

// One byte with a descriptor beside it.
void SendDescriptor(int socket, int fd) {
  char byte = 0;
  iovec payload{&byte, sizeof byte};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  const msghdr message{.msg_iov = &payload,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
    ThrowErrno("handing a namespace to the sandbox's init");
  }
}

// Waits for the init's answer to one descriptor.
void ReceiveAnswer(int socket) {
  int error = 0;
  ssize_t length = 0;
  do {
    length = recv(socket, &error, sizeof error, 0);
  } while (length < 0 && errno == EINTR);
  if (length != sizeof error) {
    throw Error("handing a namespace to the sandbox's init", "it has ended");
  }
  if (error != 0) {
    ThrowErrno("keeping a namespace in the sandbox's init", error);
  }
}

}  // namespace

class Sandbox::State {
 public:
  explicit State(std::optional<Cgroup> cgroup) : cgroup_(std::move(cgroup)) {
    spawner_.Run([this] { StartInit(); });
  }

  // The init can exit only when all processes of its namespace are reaped,
  // our own children among them (Linux: kernel/pid_namespace.c
  // zap_pid_ns_processes), so those come first.
  ~State() {
    shutdown(lifeline_.get(), SHUT_RDWR);
    for (const auto& child : Children()) child->End();
    pollfd end{.fd = init_->pidfd(), .events = POLLIN};
    while (poll(&end, 1, -1) < 0 && errno == EINTR) {
    }
  }

  void Register(const netns::Namespace& ns) {
    const std::lock_guard lock(lifeline_mutex_);
    SendDescriptor(lifeline_.get(), ns.fd());
    ReceiveAnswer(lifeline_.get());
  }

  std::shared_ptr<Child> Spawn(const std::function<pid_t()>& fork_one) {
    std::shared_ptr<Child> child;
    spawner_.Run([&] { child = Adopt(fork_one()); });
    return child;
  }

  Spawner& spawner() { return spawner_; }
  const Cgroup* cgroup() const { return cgroup_ ? &*cgroup_ : nullptr; }

 private:
  // On the spawner.
  void StartInit() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
      ThrowErrno("making a sandbox: socketpair");
    }
    lifeline_ = FileDescriptor(ends[0]);
    const FileDescriptor init_end(ends[1]);
    netns::BearChildrenInNewPidNamespace();
    netns::MakeRunPrivate();  // where it cannot be, programs see the host's
    const pid_t pid = fork();
    if (pid < 0) ThrowErrno("making a sandbox: fork");
    if (pid == 0) RunInit(init_end.get(), cgroup());
    init_.emplace(pid);
  }

  std::shared_ptr<Child> Adopt(pid_t pid) {
    auto child = std::make_shared<Child>(pid);
    const std::lock_guard lock(children_mutex_);
    std::erase_if(children_, [](const auto& weak) { return weak.expired(); });
    children_.push_back(child);
    return child;
  }

  std::vector<std::shared_ptr<Child>> Children() {
    const std::lock_guard lock(children_mutex_);
    std::vector<std::shared_ptr<Child>> alive;
    for (const auto& weak : children_) {
      if (auto child = weak.lock()) alive.push_back(std::move(child));
    }
    return alive;
  }

  const std::optional<Cgroup> cgroup_;  // removed last
  std::mutex lifeline_mutex_;
  std::mutex children_mutex_;
  std::vector<std::weak_ptr<Child>> children_;
  FileDescriptor lifeline_;    // our end; close-on-exec
  std::optional<Child> init_;  // reaped once it has ended
  Spawner spawner_;            // joined first
};

Sandbox::Sandbox(std::optional<Cgroup> cgroup)
    : state_(std::make_unique<State>(std::move(cgroup))) {}
Sandbox::~Sandbox() = default;

const Cgroup* Sandbox::cgroup() const { return state_->cgroup(); }

void Sandbox::Register(const netns::Namespace& ns) { state_->Register(ns); }

void Sandbox::OnSpawner(const std::function<void()>& f) {
  state_->spawner().Run(f);
}

std::shared_ptr<Child> Sandbox::Spawn(const std::function<pid_t()>& fork_one) {
  return state_->Spawn(fork_one);
}

}  // namespace finwait::process
