// An rtnetlink or sock_diag socket of one namespace (libnl-3).
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "netns/namespace.h"

struct nl_sock;
struct nl_msg;
struct nlmsghdr;

namespace finwait::netlink {

// Owns a libnl socket opened inside `ns`; it stays bound to that namespace
// for good. Move-only; one thread at a time.
class Socket {
 public:
  Socket(const netns::Namespace& ns, int protocol);
  nl_sock* get() const { return socket_.get(); }
  int fd() const;

  // Receives the announcements of a multicast group from now on.
  void Join(int group);

  // Sends a request and waits for its ACK; throws Error with `doing` and the
  // kernel's extended ack text.
  void Request(nl_msg* message, std::string_view doing);

  // The same for a question: hands every answer over until the ACK or, for a
  // dump, its end. `each` must not use this socket.
  void Query(nl_msg* message, std::string_view doing,
             const std::function<void(nlmsghdr*)>& each);

 private:
  struct Free {
    void operator()(nl_sock* s) const;
  };
  std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace finwait::netlink
