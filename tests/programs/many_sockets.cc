// Addresses, limits, epoll and output of the test programs.
#include "many_sockets.h"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include <cstring>
#include <iostream>

#include "base/error.h"

namespace finwait::programs {

SocketAddress Resolve(const std::string& host, const std::string& port) {
  addrinfo hints = {};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  int status = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (status != 0) throw Error(host + " port " + port, gai_strerror(status));
  SocketAddress address;
  address.length = found->ai_addrlen;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return address;
}

FileDescriptor TcpSocket(const SocketAddress& address) {
  FileDescriptor socket(::socket(address.storage.ss_family,
                                 SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                                 0));
  if (!socket.valid()) ThrowErrno("making a socket");
  return socket;
}

void AllowManyDescriptors() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) ThrowErrno("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) ThrowErrno("setrlimit");
}

void Watch(const FileDescriptor& epoll, int fd, unsigned events) {
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    ThrowErrno("watching a descriptor");
  }
}

void Say(const std::string& line) { std::cout << line << std::endl; }

}  // namespace finwait::programs
