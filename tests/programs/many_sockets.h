// What the test programs share: numeric addresses, and room for many sockets.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "base/file_descriptor.h"

namespace finwait::programs {

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = 0;
  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
};

// "10.0.0.2" or "fd00::2", and a port. Throws Error for anything else.
SocketAddress Resolve(const std::string& host, const std::string& port);

// A non-blocking TCP socket of the address's family.
FileDescriptor TcpSocket(const SocketAddress& address);

// Raises the soft limit of descriptors to the hard one: often 1024 to 2^20.
void AllowManyDescriptors();

// Watches `fd` in an epoll for `events`; they come with its number.
void Watch(const FileDescriptor& epoll, int fd, unsigned events);

// Prints a line at once, for whoever waits for it.
void Say(const std::string& line);

}  // namespace finwait::programs
