// An rtnetlink or sock_diag socket of one namespace (libnl-3).
#pragma once

#include <memory>
#include <string_view>

#include "netns/namespace.h"

struct nl_sock;
struct nl_msg;

namespace finwait::netlink {

// Owns a libnl socket opened inside `ns`; it stays bound to that namespace
// for good. Move-only; one thread at a time.
class Socket {
 public:
  Socket(const netns::Namespace& ns, int protocol);
  nl_sock* get() const { return socket_.get(); }

  // Sends a request and waits for its ACK; throws Error with `doing` and the
  // kernel's extended ack text.
  void Request(nl_msg* message, std::string_view doing);

 private:
  struct Free {
    void operator()(nl_sock* s) const;
  };
  std::unique_ptr<nl_sock, Free> socket_;
};

struct FreeMessage {
  void operator()(nl_msg* m) const;
};
using Message = std::unique_ptr<nl_msg, FreeMessage>;

}  // namespace finwait::netlink
