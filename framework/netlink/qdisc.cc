// netem as a root qdisc: set, read back, removed.
#include "netlink/qdisc.h"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "base/error.h"
#include "netlink/message.h"
#include "netlink/netem_message.h"

namespace finwait::netlink {
namespace {

using scenario::Impairment;

tcmsg RootOf(int ifindex) {
  // Always the same handle, so that a second setting changes the qdisc and
  // the packets in it stay there.
  return {.tcm_ifindex = ifindex,
          .tcm_handle = TC_H_MAKE(1U << 16, 0),
          .tcm_parent = TC_H_ROOT};
}

std::string Doing(const char* verb, int ifindex) {
  return std::string(verb) + " the impairment of interface " +
         std::to_string(ifindex);
}

void Apply(Rtnetlink& rtnl, int ifindex, const Impairment& impairment,
           const std::string& doing) {
  std::vector<std::uint8_t> options = EncodeNetem(impairment);
  Message message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
                  options.size() + 256);
  message.PutHeader(RootOf(ifindex)).PutString(TCA_KIND, "netem");
  message.PutBytes(TCA_OPTIONS, options.data(), options.size());
  try {
    rtnl.socket().Request(message.get(), doing);
  } catch (const Error& e) {
    if (e.code() != ENOENT) throw;  // "Specified qdisc kind is unknown"
    throw Unsupported("sch_netem", "a kernel with CONFIG_NET_SCH_NETEM");
  }
}

// Throws unless `got` is what was asked for.
void Compare(const Impairment& asked, const std::optional<Impairment>& got,
             const std::string& doing) {
  if (!got) throw Error(doing, "the kernel has no netem there afterwards");
  if (asked.seed && !got->seed) {
    throw Unsupported("seed of netem", "Linux 6.6 or newer");
  }
  std::string text;
  for (const std::string& name : NetemDifferences(asked, *got)) {
    text += (text.empty() ? "" : ", ") + name;
  }
  if (!text.empty()) {
    throw Error(doing, "the kernel reads back differently: " + text);
  }
}

// The netem options in a message about the root qdisc of `ifindex`; empty
// span if it is about something else.
std::span<const std::uint8_t> NetemOptions(nlmsghdr* answer, int ifindex) {
  const auto* header = static_cast<const tcmsg*>(nlmsg_data(answer));
  if (header->tcm_ifindex != ifindex || header->tcm_parent != TC_H_ROOT) {
    return {};
  }
  const nlattr* kind = nlmsg_find_attr(answer, sizeof(tcmsg), TCA_KIND);
  const nlattr* options = nlmsg_find_attr(answer, sizeof(tcmsg), TCA_OPTIONS);
  if (kind == nullptr || options == nullptr) return {};
  if (std::strcmp(nla_get_string(kind), "netem") != 0) return {};
  return {static_cast<const std::uint8_t*>(nla_data(options)),
          static_cast<std::size_t>(nla_len(options))};
}

}  // namespace

bool HasNetem() {
  netns::Namespace ns = netns::Namespace::Create();
  Rtnetlink rtnl(ns);
  constexpr int kLoopback = 1;
  try {
    SetImpairment(rtnl, kLoopback, {.delay = std::chrono::milliseconds(1)});
    return true;
  } catch (const Unsupported&) {
    return false;
  }
}

void SetImpairment(Rtnetlink& rtnl, int ifindex, const Impairment& impairment) {
  if (impairment == Impairment{}) {
    RemoveImpairment(rtnl, ifindex);
    return;
  }
  std::string doing = Doing("setting", ifindex);
  Apply(rtnl, ifindex, impairment, doing);
  Compare(impairment, ReadImpairment(rtnl, ifindex), doing);
}

void RemoveImpairment(Rtnetlink& rtnl, int ifindex) {
  if (!ReadImpairment(rtnl, ifindex)) return;
  Message message(RTM_DELQDISC, 0);
  message.PutHeader(RootOf(ifindex));
  rtnl.socket().Request(message.get(), Doing("removing", ifindex));
}

std::optional<Impairment> ReadImpairment(Rtnetlink& rtnl, int ifindex) {
  // A dump of all: a question for one answers by multicast on some kernels
  // (Linux: net/sched/sch_api.c qdisc_notify()).
  Message message(RTM_GETQDISC, NLM_F_DUMP);
  message.PutHeader(tcmsg{.tcm_ifindex = ifindex});
  std::vector<std::uint8_t> options;
  rtnl.socket().Query(
      message.get(), Doing("reading", ifindex), [&](nlmsghdr* answer) {
        auto found = NetemOptions(answer, ifindex);
        options.insert(options.end(), found.begin(), found.end());
      });
  if (options.empty()) return std::nullopt;
  return DecodeNetem(options);
}

}  // namespace finwait::netlink
