// Thin on libnl, but a full message is an exception and not a return value.
#include "netlink/message.h"

#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "base/error.h"

namespace finwait::netlink {
namespace {

void Check(bool fits) {
  if (!fits) throw Error("building a netlink message", "it is full", ENOSPC);
}

}  // namespace

void FreeMessage::operator()(nl_msg* m) const { nlmsg_free(m); }

Message::Message(int type, int flags, std::size_t room)
    : message_(nlmsg_alloc_size(room)) {
  Check(message_ != nullptr);
  nlmsg_put(get(), NL_AUTO_PORT, NL_AUTO_SEQ, type, 0,
            flags | NLM_F_REQUEST | NLM_F_ACK);
}

Message& Message::PutRaw(const void* bytes, std::size_t size) {
  // const_cast: libnl 3.7 declares the parameter without const, but copies.
  Check(nlmsg_append(get(), const_cast<void*>(bytes), size, NLMSG_ALIGNTO) ==
        0);
  return *this;
}

Message& Message::PutBytes(int attribute, const void* bytes, std::size_t size) {
  Check(nla_put(get(), attribute, static_cast<int>(size), bytes) == 0);
  return *this;
}

Message& Message::PutString(int attribute, const std::string& text) {
  return PutBytes(attribute, text.c_str(), text.size() + 1);
}

nlattr* Message::Begin(int attribute) {
  nlattr* nest = nla_nest_start(get(), attribute);
  Check(nest != nullptr);
  return nest;
}

Message& Message::End(nlattr* nest) {
  nla_nest_end(get(), nest);
  return *this;
}

}  // namespace finwait::netlink
