// Exact lookups go around libnl, for a look costs 1 us and libnl as much
// again in allocations; the rare dumps do not.
#include "netlink/sock_diag.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "netlink/diag_message.h"
#include "netlink/message.h"

namespace finwait::netlink {
namespace {

constexpr std::string_view kLooking = "looking a socket up (sock_diag)";

// States 0 to 11. From 13 on the kernel walks other tables as well
// (TCP_BOUND_INACTIVE, Linux 6.8); 12 comes along with SYN_RECV.
constexpr std::uint32_t kStates = 0xfff;

constexpr std::uint8_t kWithInfo = 1U << (INET_DIAG_INFO - 1);

using Answer = std::array<char, 2048>;  // about 500 bytes are in use

template <typename Call>
ssize_t Retried(Call call) {
  ssize_t result = 0;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  if (result < 0) ThrowErrno(kLooking);
  return result;
}

// Sends `request` and returns the one answer to it. Answers of an exchange
// that was broken off have another sequence number.
const nlmsghdr* Ask(int fd, DiagRequest* request, Answer* buffer) {
  thread_local std::uint32_t sequence = 0;
  request->header.nlmsg_seq = ++sequence;
  Retried([&] { return send(fd, request, sizeof(*request), 0); });
  while (true) {
    ssize_t size =
        Retried([&] { return recv(fd, buffer->data(), buffer->size(), 0); });
    auto* answer = reinterpret_cast<const nlmsghdr*>(buffer->data());
    if (!NLMSG_OK(answer, static_cast<std::size_t>(size))) {
      throw Error(kLooking, "the answer is cut short");
    }
    if (answer->nlmsg_seq == sequence) return answer;
  }
}

// The errno of an answer that is an error or an ACK; -1 if it is neither.
int ErrorOf(const nlmsghdr* answer) {
  if (answer->nlmsg_type != NLMSG_ERROR) return -1;
  return -static_cast<const nlmsgerr*>(NLMSG_DATA(answer))->error;
}

std::optional<tcp::SocketFacts> FactsIn(const nlmsghdr* answer,
                                        const tcp::FourTuple& tuple) {
  int error = ErrorOf(answer);
  if (error == ENOENT) return std::nullopt;
  if (error >= 0) ThrowErrno(kLooking, error);
  DiagEntry entry = DecodeDiag(answer);
  if (entry.tuple != tuple) return std::nullopt;  // the listener
  return entry.facts;
}

Message DumpRequest(int family, std::uint32_t states, bool with_info) {
  Message message(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
  message.PutHeader(
      inet_diag_req_v2{.sdiag_family = static_cast<__u8>(family),
                       .sdiag_protocol = IPPROTO_TCP,
                       .idiag_ext = with_info ? kWithInfo : __u8{0},
                       .idiag_states = states & kStates});
  return message;
}

// Without a handler for TCP the kernel answers every question with "no such
// socket". A dump tells, and makes it load its module (CONFIG_INET_TCP_DIAG=m)
// now rather than in the middle of a measurement. Once per process is enough;
// that two threads do it at the same time is no harm.
void CheckHandler(Socket* socket) {
  static std::atomic<bool> checked = false;
  if (checked) return;
  constexpr std::uint32_t kListening = 1U << 10;
  Message message = DumpRequest(AF_INET, kListening, false);
  try {
    socket->Request(message.get(), "trying sock_diag");
  } catch (const Error& e) {
    if (e.code() != ENOENT && e.code() != EOPNOTSUPP) throw;
    throw Unsupported("sock_diag of TCP", "a kernel with CONFIG_INET_TCP_DIAG");
  }
  checked = true;
}

}  // namespace

SockDiag::SockDiag(const netns::Namespace& ns)
    : socket_(ns, NETLINK_SOCK_DIAG) {
  CheckHandler(&socket_);
}

tcp::Sample SockDiag::Look(const tcp::FourTuple& tuple, bool with_info) {
  DiagRequest request = ExactRequest(SOCK_DIAG_BY_FAMILY, tuple);
  request.body.idiag_ext = with_info ? kWithInfo : 0;
  alignas(nlmsghdr) Answer buffer;
  tcp::Sample sample;
  sample.before = MonotonicClock::now();
  const nlmsghdr* answer = Ask(socket_.fd(), &request, &buffer);
  sample.after = MonotonicClock::now();
  sample.facts = FactsIn(answer, tuple);
  return sample;
}

std::vector<DiagEntry> SockDiag::Dump(std::uint32_t states, bool with_info) {
  std::vector<DiagEntry> entries;
  for (int family : {AF_INET, AF_INET6}) {
    Message message = DumpRequest(family, states, with_info);
    socket_.Query(
        message.get(), "listing sockets (sock_diag)",
        [&](nlmsghdr* answer) { entries.push_back(DecodeDiag(answer)); });
  }
  return entries;
}

int SockDiag::TryDestroy(const tcp::FourTuple& tuple, std::uint64_t cookie) {
  DiagRequest request = ExactRequest(SOCK_DESTROY, tuple);
  request.header.nlmsg_flags |= NLM_F_ACK;
  // The cookie keeps the kernel from destroying the listener instead.
  request.body.id.idiag_cookie[0] = static_cast<__u32>(cookie);
  request.body.id.idiag_cookie[1] = static_cast<__u32>(cookie >> 32);
  alignas(nlmsghdr) Answer buffer;
  return ErrorOf(Ask(socket_.fd(), &request, &buffer));
}

}  // namespace finwait::netlink
