// Tells when a network namespace is really gone, by an event.
#pragma once

#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "base/error.h"
#include "loopback.h"
#include "netns/namespace.h"

namespace finwait::process {

// Gives `watched` a number in a namespace of its own; the kernel announces the
// number's removal (RTM_DELNSID) when it takes the namespace down (Linux:
// net/core/net_namespace.c cleanup_net). Does not keep `watched` alive.
class NamespaceEnd {
 public:
  explicit NamespaceEnd(const netns::Namespace& watched)
      : NamespaceEnd(watched.fd()) {}
  explicit NamespaceEnd(int watched_fd)
      : home_(netns::Namespace::Create()), netlink_(home_.In([] {
          return FileDescriptor(
              socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
        })) {
    const int group = RTNLGRP_NSID;
    setsockopt(netlink_.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
               sizeof group);
    Number(watched_fd);
  }

  // False if it is still there when the tests' patience is over.
  bool Wait() const {
    while (WaitReadable(netlink_.get())) {
      if (NextType() == RTM_DELNSID) return true;
    }
    return false;
  }

 private:
  struct Attribute {
    nlattr header;
    int value;
  };
  struct Request {
    nlmsghdr header;
    rtgenmsg body;
    alignas(NLMSG_ALIGNTO) Attribute number;
    Attribute fd;
  };

  void Number(int fd) const {
    Request request{};
    request.header = {.nlmsg_len = sizeof request,
                      .nlmsg_type = RTM_NEWNSID,
                      .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK};
    request.number = {{sizeof(Attribute), NETNSA_NSID}, 7};
    request.fd = {{sizeof(Attribute), NETNSA_FD}, fd};
    if (send(netlink_.get(), &request, sizeof request, 0) < 0) {
      ThrowErrno("numbering a namespace");
    }
    while (NextType() != NLMSG_ERROR) {
    }
  }

  std::uint16_t NextType() const {
    alignas(nlmsghdr) std::array<char, 8192> answer;
    if (recv(netlink_.get(), answer.data(), answer.size(), 0) < 0) {
      ThrowErrno("reading about a namespace");
    }
    return reinterpret_cast<const nlmsghdr*>(answer.data())->nlmsg_type;
  }

  netns::Namespace home_;
  FileDescriptor netlink_;
};

}  // namespace finwait::process
