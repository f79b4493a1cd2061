// Requests, their answers, and the text of refusals.
#include "netlink/socket.h"

#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#include "base/error.h"

// linux/netlink.h has it, but only the kernel's UAPI headers do.
#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

namespace finwait::netlink {
namespace {

struct FreeCallbacks {
  void operator()(nl_cb* cb) const { nl_cb_put(cb); }
};

// One request under way.
struct Exchange {
  const std::function<void(nlmsghdr*)>* each = nullptr;
  bool done = false;
  int error = 0;             // errno
  std::string kernels_text;  // extended ack
};

// NLMSGERR_ATTR_MSG of an error answer. libnl 3.7 knows nothing of it. The
// attributes follow the request's header, and its payload unless the kernel
// left that out (NETLINK_CAP_ACK).
std::string ExtendedAck(nlmsgerr* error) {
  auto* header = reinterpret_cast<nlmsghdr*>(reinterpret_cast<char*>(error) -
                                             NLMSG_HDRLEN);
  if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return "";
  int before = sizeof(nlmsgerr);
  if ((header->nlmsg_flags & NLM_F_CAPPED) == 0) {
    before += NLMSG_ALIGN(error->msg.nlmsg_len) - NLMSG_HDRLEN;
  }
  const nlattr* text = nlmsg_find_attr(header, before, NLMSGERR_ATTR_MSG);
  return text == nullptr ? "" : nla_get_string(text);
}

int OnError(sockaddr_nl*, nlmsgerr* error, void* argument) {
  auto* exchange = static_cast<Exchange*>(argument);
  exchange->error = -error->error;
  exchange->kernels_text = ExtendedAck(error);
  exchange->done = true;
  return NL_STOP;
}

int OnEnd(nl_msg*, void* argument) {
  static_cast<Exchange*>(argument)->done = true;
  return NL_STOP;
}

int OnAnswer(nl_msg* message, void* argument) {
  auto* exchange = static_cast<Exchange*>(argument);
  if (*exchange->each) (*exchange->each)(nlmsg_hdr(message));
  return NL_OK;
}

void Receive(nl_sock* socket, Exchange* exchange, std::string_view doing) {
  std::unique_ptr<nl_cb, FreeCallbacks> cb(nl_cb_alloc(NL_CB_DEFAULT));
  nl_cb_set(cb.get(), NL_CB_VALID, NL_CB_CUSTOM, OnAnswer, exchange);
  nl_cb_set(cb.get(), NL_CB_FINISH, NL_CB_CUSTOM, OnEnd, exchange);
  nl_cb_set(cb.get(), NL_CB_ACK, NL_CB_CUSTOM, OnEnd, exchange);
  nl_cb_err(cb.get(), NL_CB_CUSTOM, OnError, exchange);
  while (!exchange->done) {
    int error = nl_recvmsgs(socket, cb.get());
    if (error < 0 && !exchange->done) throw Error(doing, nl_geterror(error));
  }
}

}  // namespace

void Socket::Free::operator()(nl_sock* s) const { nl_socket_free(s); }

Socket::Socket(const netns::Namespace& ns, int protocol)
    : socket_(nl_socket_alloc()) {
  ns.Enter([&] {
    const int error = nl_connect(socket_.get(), protocol);
    if (error == -NLE_FAILURE) ThrowErrno("opening a netlink socket");
    if (error < 0) throw Error("opening a netlink socket", nl_geterror(error));
  });
  int on = 1;  // kernels without either option answer without the text
  setsockopt(fd(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
  setsockopt(fd(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
}

int Socket::fd() const { return nl_socket_get_fd(socket_.get()); }

void Socket::Join(int group) {
  const int error = nl_socket_add_membership(socket_.get(), group);
  if (error < 0) {
    throw Error("joining netlink group " + std::to_string(group),
                nl_geterror(error));
  }
}

void Socket::Request(nl_msg* message, std::string_view doing) {
  Query(message, doing, nullptr);
}

void Socket::Query(nl_msg* message, std::string_view doing,
                   const std::function<void(nlmsghdr*)>& each) {
  int sent = nl_send_auto(socket_.get(), message);
  if (sent < 0) throw Error(doing, nl_geterror(sent));
  Exchange exchange{&each};
  Receive(socket_.get(), &exchange, doing);
  if (exchange.error == 0) return;
  std::string text = std::strerror(exchange.error);
  if (!exchange.kernels_text.empty()) {
    text += " (" + exchange.kernels_text + ")";
  }
  throw Error(doing, text, exchange.error);
}

}  // namespace finwait::netlink
