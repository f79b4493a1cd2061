// sock_diag by hand, because it runs after fork in a process that may not
// allocate; everywhere else netlink/ does this.
#include "process/socket_destruction.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "netns/namespace.h"

namespace finwait::process {
namespace {

template <typename Body>
struct Request {
  nlmsghdr header;
  Body body;
};

// The kernel fills at most 32 KiB per answer (net/netlink/af_netlink.c
// netlink_recvmsg, max_recvmsg_len).
alignas(nlmsghdr) char answer[32768];

// A listener or a TIME_WAIT socket keeps no namespace alive for long.
constexpr std::uint32_t kDoomedStates =
    1U << TCP_ESTABLISHED | 1U << TCP_SYN_SENT | 1U << TCP_SYN_RECV |
    1U << TCP_FIN_WAIT1 | 1U << TCP_FIN_WAIT2 | 1U << TCP_CLOSE_WAIT |
    1U << TCP_LAST_ACK | 1U << TCP_CLOSING;

// Destroying shifts the dump's position in a hash chain, so that a pass may
// miss sockets; the next finds them. The limit is for kernels that refuse.
constexpr int kMaxPasses = 16;

// The first version of the request, because it asks for both families at once
// (Linux: net/ipv4/inet_diag.c inet_diag_dump_compat): the cost of a dump is
// its walk over the host's hash table, some 0.1 ms for each namespace.
void RequestDump(int netlink) {
  Request<inet_diag_req> request{};
  request.header = {.nlmsg_len = sizeof request,
                    .nlmsg_type = TCPDIAG_GETSOCK,
                    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP};
  request.body.idiag_states = kDoomedStates;
  send(netlink, &request, sizeof request, 0);
}

void Destroy(int netlink, const inet_diag_msg& socket) {
  Request<inet_diag_req_v2> request{};
  request.header = {.nlmsg_len = sizeof request,
                    .nlmsg_type = SOCK_DESTROY,
                    .nlmsg_flags = NLM_F_REQUEST};
  request.body.sdiag_family = socket.idiag_family;
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.id = socket.id;
  send(netlink, &request, sizeof request, 0);
}

// Destroys the sockets of one answer, and says whether the dump goes on.
bool DestroyAnswered(int netlink, unsigned length, int* found) {
  auto* header = reinterpret_cast<nlmsghdr*>(answer);
  for (; NLMSG_OK(header, length); header = NLMSG_NEXT(header, length)) {
    if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
      return false;
    }
    ++*found;
    Destroy(netlink, *static_cast<inet_diag_msg*>(NLMSG_DATA(header)));
  }
  return true;
}

// How many sockets it found. The destroying socket is another than the dump's:
// refusals would come in between.
int DestroyPass(int dump, int destroy) {
  int found = 0;
  RequestDump(dump);
  ssize_t length = 0;
  do {
    length = recv(dump, answer, sizeof answer, 0);
  } while (length > 0 &&
           DestroyAnswered(destroy, static_cast<unsigned>(length), &found));
  return found;
}

}  // namespace

void DestroyTcpSockets(int namespace_fd) {
  if (netns::EnterAfterFork(namespace_fd) != 0) return;
  const int dump = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
  const int destroy = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    if (DestroyPass(dump, destroy) == 0) break;
  }
  close(dump);
  close(destroy);
}

}  // namespace finwait::process
