// The child is a fork that never executes anything: raw system calls only.
#include "generator.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/error.h"
#include "process/after_fork.h"

namespace finwait::bench {
namespace {

constexpr std::uint16_t kPort = 7000;

struct Order {
  Action action = Action::kOpen;
  int count = 0;
};

struct Answer {
  int error = 0;  // errno of the call that was refused
};

// Of the child after fork.
int clients[kMostConnections];
int servers[kMostConnections];
int held = 0;
int listener = -1;

sockaddr_in Server() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  address.sin_addr.s_addr = htonl(0x0a000002);
  return address;
}

int Listen() {
  const sockaddr_in address = Server();
  listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address),
           sizeof address) != 0 ||
      listen(listener, 4096) != 0) {
    return errno;
  }
  return 0;
}

int Open(int count) {
  const sockaddr_in address = Server();
  for (int n = 0; n < count; ++n) {
    if (held == kMostConnections) return ENOBUFS;
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    if (client < 0 ||
        connect(client, reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0) {
      return errno;
    }
    const int server = accept(listener, nullptr, nullptr);
    if (server < 0) return errno;
    clients[held] = client;
    servers[held] = server;
    ++held;
  }
  return 0;
}

// An ACK that is due now (Linux: net/ipv4/tcp.c __tcp_sock_set_quickack()).
void Acknowledge(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

void CloseInTurn(const int* first, const int* second) {
  for (int n = 0; n < held; ++n) {
    close(first[n]);
    if (n % 2 != 0) Acknowledge(second[n]);
    close(second[n]);
  }
  held = 0;
}

void CloseAll(const int* sockets) {
  for (int n = 0; n < held; ++n) close(sockets[n]);
}

void Reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  for (int n = 0; n < held; ++n) {
    const int first = n % 2 == 0 ? clients[n] : servers[n];
    const int second = n % 2 == 0 ? servers[n] : clients[n];
    setsockopt(first, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(first);
    close(second);
  }
  held = 0;
}

void OrphanClients() {
  for (int n = 0; n < held; ++n) {
    close(clients[n]);
    Acknowledge(servers[n]);
  }
}

int Obey(const Order& order) {
  switch (order.action) {
    case Action::kOpen:
      return Open(order.count);
    case Action::kCloseClientFirst:
      CloseInTurn(clients, servers);
      return 0;
    case Action::kCloseServerFirst:
      CloseInTurn(servers, clients);
      return 0;
    case Action::kCloseBoth:
      CloseAll(clients);
      CloseAll(servers);
      held = 0;
      return 0;
    case Action::kReset:
      Reset();
      return 0;
    case Action::kOrphanClients:
      OrphanClients();
      return 0;
    case Action::kCloseServers:
      CloseAll(servers);
      held = 0;
      return 0;
  }
  return EINVAL;
}

int Prepare(int client_ns, int server_ns) {
  process::RaiseFileLimit();
  if (const int error = netns::EnterAfterFork(server_ns)) return error;
  if (const int error = Listen()) return error;
  if (const int error = netns::EnterAfterFork(client_ns)) return error;
  return 0;
}

[[noreturn]] void RunGenerator(int control, int client_ns, int server_ns,
                               int refusal) {
  process::ResetSignals();
  setsid();
  const int error = refusal != 0 ? refusal : Prepare(client_ns, server_ns);
  process::CloseFrom(3, control, listener);
  Answer answer{error};
  Order order;
  while (send(control, &answer, sizeof answer, MSG_NOSIGNAL) > 0 &&
         recv(control, &order, sizeof order, 0) == sizeof order) {
    answer.error = Obey(order);
  }
  _exit(EXIT_SUCCESS);
}

void Await(const FileDescriptor& control) {
  Answer answer;
  ssize_t got = 0;
  do {
    got = recv(control.get(), &answer, sizeof answer, 0);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof answer) throw Error("load generator", "it has ended");
  if (answer.error != 0) ThrowErrno("load generator", answer.error);
}

}  // namespace

Generator::Generator(process::Sandbox& sandbox, const netns::Namespace& client,
                     const netns::Namespace& server) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    ThrowErrno("starting the load generator: socketpair");
  }
  control_ = FileDescriptor(ends[0]);
  const FileDescriptor theirs(ends[1]);
  child_ = sandbox.Spawn([&] {
    int refusal = 0;
    const process::Cgroup* cgroup = sandbox.cgroup();
    const pid_t pid = cgroup != nullptr ? cgroup->Fork(&refusal) : fork();
    if (pid < 0) ThrowErrno("starting the load generator");
    if (pid == 0) RunGenerator(theirs.get(), client.fd(), server.fd(), refusal);
    return pid;
  });
  Await(control_);
}

Generator::~Generator() = default;

void Generator::Do(Action action, int count) {
  const Order order{action, count};
  if (send(control_.get(), &order, sizeof order, MSG_NOSIGNAL) < 0) {
    ThrowErrno("asking the load generator");
  }
  Await(control_);
}

}  // namespace finwait::bench
