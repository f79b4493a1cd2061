// close-pile HOST PORT NUMBER: opens many connections and closes all at once.
//
// What a client that gives up on a whole pool leaves to the kernel: NUMBER
// orphans, and a living process that no longer knows them. Prints
// "connected NUMBER" once all connections are up, closes them when it reads a
// line, prints "closed NUMBER", and lives on until its input ends. An input
// that ends early counts as the line.
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "many_sockets.h"

namespace finwait::programs {
namespace {

using Pile = std::vector<FileDescriptor>;

// Starts a connection; it is up when the socket becomes writable.
FileDescriptor Connect(const SocketAddress& server) {
  FileDescriptor socket = TcpSocket(server);
  if (connect(socket.get(), server.get(), server.length) != 0 &&
      errno != EINPROGRESS) {
    ThrowErrno("connecting");
  }
  return socket;
}

// Throws if the connection that just became writable has failed.
void CheckConnected(int socket) {
  int code = 0;
  socklen_t length = sizeof(code);
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &length);
  if (code != 0) ThrowErrno("connecting", code);
}

// Waits until `expected` one-shot watches have fired.
void AwaitConnected(const FileDescriptor& epoll, std::size_t expected) {
  std::array<epoll_event, 256> events;
  for (std::size_t connected = 0; connected < expected;) {
    int count = epoll_wait(epoll.get(), events.data(), events.size(), -1);
    if (count < 0 && errno != EINTR) ThrowErrno("waiting for connections");
    for (int i = 0; i < count; ++i, ++connected) {
      CheckConnected(events[i].data.fd);
    }
  }
}

Pile ConnectPile(const SocketAddress& server, std::size_t number) {
  FileDescriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  Pile pile;
  while (pile.size() < number) {
    pile.push_back(Connect(server));
    Watch(epoll, pile.back().get(), EPOLLOUT | EPOLLONESHOT);
  }
  AwaitConnected(epoll, number);
  return pile;
}

void Run(const SocketAddress& server, std::size_t number) {
  AllowManyDescriptors();
  Pile pile = ConnectPile(server, number);
  Say("connected " + std::to_string(number));
  std::string line;
  std::getline(std::cin, line);
  pile.clear();
  Say("closed " + std::to_string(number));
  while (std::getline(std::cin, line)) {
  }
}

}  // namespace
}  // namespace finwait::programs

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: close-pile HOST PORT NUMBER\n";
    return 2;
  }
  try {
    finwait::programs::Run(finwait::programs::Resolve(argv[1], argv[2]),
                           std::stoul(argv[3]));
  } catch (const std::exception& error) {
    std::cerr << "close-pile: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
