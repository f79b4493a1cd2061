// forgetful-server [--ipv6] [--expect NUMBER] PORT: accepts, reads, and never
// closes.
//
// The peer of every FIN_WAIT2 that does not end: its sockets stay in
// CLOSE_WAIT after the client's FIN, as nobody acts on the end of file. Prints
// "listening", and "accepted NUMBER" when that many connections were accepted.
// SIGTERM ends it with status 0; the kernel closes its sockets then.
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "many_sockets.h"

namespace finwait::programs {
namespace {

struct Options {
  bool ipv6 = false;
  std::size_t expect = 0;  // 0: says nothing
  std::string port;
};

// SIGTERM as a descriptor that becomes readable.
FileDescriptor TerminationSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  FileDescriptor signal(signalfd(-1, &signals, SFD_CLOEXEC));
  if (!signal.valid()) ThrowErrno("signalfd");
  return signal;
}

FileDescriptor Listen(const Options& options) {
  SocketAddress any = Resolve(options.ipv6 ? "::" : "0.0.0.0", options.port);
  FileDescriptor listener = TcpSocket(any);
  int on = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(listener.get(), any.get(), any.length) != 0) ThrowErrno("binding");
  // The kernel lowers it to net.core.somaxconn (listen(2)).
  if (listen(listener.get(), 65535) != 0) ThrowErrno("listening");
  return listener;
}

class ForgetfulServer {
 public:
  explicit ForgetfulServer(const Options& options)
      : expect_(options.expect), listener_(Listen(options)) {
    Watch(epoll_, termination_.get(), EPOLLIN);
    Watch(epoll_, listener_.get(), EPOLLIN);
  }

  // Returns after SIGTERM.
  void Run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      int count = epoll_wait(epoll_.get(), events.data(), events.size(), -1);
      if (count < 0 && errno != EINTR) ThrowErrno("waiting");
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd == termination_.get()) return;
        Serve(events[i].data.fd);
      }
    }
  }

 private:
  void Serve(int fd) {
    if (fd == listener_.get()) {
      AcceptAll();
    } else {
      ReadAll(fd);
    }
  }

  // Edge-triggered: an end of file is told once, and then forgotten.
  void AcceptAll() {
    for (;;) {
      int fd = accept4(listener_.get(), nullptr, nullptr,
                       SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0 && errno == EAGAIN) return;
      if (fd < 0) ThrowErrno("accepting");
      connections_.emplace_back(fd);
      Watch(epoll_, fd, EPOLLIN | EPOLLET);
      if (connections_.size() == expect_) {
        Say("accepted " + std::to_string(expect_));
      }
    }
  }

  static void ReadAll(int fd) {
    std::array<char, 65536> data;
    while (read(fd, data.data(), data.size()) > 0) {
    }
  }

  std::size_t expect_;
  FileDescriptor termination_ = TerminationSignal();
  FileDescriptor epoll_{epoll_create1(EPOLL_CLOEXEC)};
  FileDescriptor listener_;
  std::vector<FileDescriptor> connections_;
};

// The port stays empty if there is none; throws std::invalid_argument for a
// NUMBER that is none.
Options Parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--ipv6") {
      options.ipv6 = true;
    } else if (arguments[i] == "--expect" && i + 1 < arguments.size()) {
      options.expect = std::stoul(arguments[++i]);
    } else {
      options.port = arguments[i];
    }
  }
  return options;
}

int Run(const Options& options) {
  if (options.port.empty()) {
    std::cerr << "usage: forgetful-server [--ipv6] [--expect NUMBER] PORT\n";
    return 2;
  }
  AllowManyDescriptors();
  ForgetfulServer server(options);
  Say("listening");
  server.Run();
  return 0;
}

}  // namespace
}  // namespace finwait::programs

int main(int argc, char** argv) {
  try {
    return finwait::programs::Run(
        finwait::programs::Parse({argv + 1, argv + argc}));
  } catch (const std::exception& error) {
    std::cerr << "forgetful-server: " << error.what() << "\n";
    return 1;
  }
}
