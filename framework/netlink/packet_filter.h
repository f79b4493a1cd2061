// Path loss without randomness: nftables rules that drop chosen packets where
// they arrive, so that the sender's kernel knows nothing of it.
//
// A drop at the sender's egress would be a *local* error to TCP
// (NET_XMIT_DROP: the segment counts as unsent), which is another behaviour.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "netns/namespace.h"
#include "tcp/address.h"

namespace finwait::netlink {

struct DropRule {
  std::optional<std::uint8_t> flags;  // TCP flags, all set
  std::optional<bool> pure_ack;       // flags exactly ACK and no payload
  std::optional<tcp::IpAddress> to;
  std::uint32_t number = 0;  // only the n-th matching packet; 0: all
};

// Rules for one interface of one namespace (netdev family, ingress hook;
// libnftables). Move-only, one thread at a time. Throws Unsupported without
// nf_tables netdev support.
class PacketFilter {
 public:
  PacketFilter(const netns::Namespace& ns, std::string interface);
  void DropAll();  // IP, ARP, ND: everything
  void Drop(const DropRule& rule);
  void Clear();

 private:
  void Run(const std::string& commands, const std::string& doing);
  const netns::Namespace* ns_;
  std::string interface_;
};

bool HasPacketFilter();  // found by trying, in a namespace of its own

}  // namespace finwait::netlink
