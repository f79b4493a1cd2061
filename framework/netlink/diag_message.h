// sock_diag(7) messages to and from our own types. Pure.
#pragma once

#include <linux/inet_diag.h>
#include <linux/netlink.h>

#include <cstddef>

#include "netlink/sock_diag.h"
#include "tcp/address.h"

namespace finwait::netlink {

// An exact question, ready to be sent.
struct DiagRequest {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

// `type` is SOCK_DIAG_BY_FAMILY or SOCK_DESTROY. INET_DIAG_NOCOOKIE in both
// words of the cookie stands for any.
DiagRequest ExactRequest(int type, const tcp::FourTuple& tuple);

// The 4-tuple of an answer of either family; a mapped address becomes IPv4.
tcp::FourTuple TupleOf(const inet_diag_msg& message);

// A whole answer with its attributes. Throws Error if it is cut short.
DiagEntry DecodeDiag(const nlmsghdr* answer);

// TCP_INFO of `size` bytes: an older kernel's struct tcp_info is shorter, a
// newer one's longer; what is not there stays 0.
tcp::TcpInfo DecodeTcpInfo(const void* bytes, std::size_t size);

}  // namespace finwait::netlink
