// A netlink message under construction.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

struct nl_msg;
struct nlattr;

namespace finwait::netlink {

struct FreeMessage {
  void operator()(nl_msg* m) const;
};

// Owns one libnl message. Every Put throws Error when the message is full,
// which only a mistake of ours can bring about. Move-only; one thread.
class Message {
 public:
  // `flags` beside NLM_F_REQUEST and NLM_F_ACK. `room` in bytes, for all.
  Message(int type, int flags, std::size_t room = 4096);

  nl_msg* get() const { return message_.get(); }

  // The fixed header of the message's family (ifinfomsg and so on).
  template <typename Header>
  Message& PutHeader(const Header& header) {
    return PutRaw(&header, sizeof(header));
  }
  template <typename Value>
  Message& Put(int attribute, const Value& value) {
    return PutBytes(attribute, &value, sizeof(value));
  }
  Message& PutBytes(int attribute, const void* bytes, std::size_t size);
  Message& PutString(int attribute, const std::string& text);

  nlattr* Begin(int attribute);  // a nest
  Message& End(nlattr* nest);

 private:
  Message& PutRaw(const void* bytes, std::size_t size);
  std::unique_ptr<nl_msg, FreeMessage> message_;
};

}  // namespace finwait::netlink
