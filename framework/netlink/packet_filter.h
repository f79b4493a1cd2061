// Path loss without randomness: nftables rules that drop chosen packets where
// they arrive, so that the sender's kernel knows nothing of it.
//
// A drop at the sender's egress would be a *local* error to TCP
// (NET_XMIT_DROP: the segment counts as unsent), which is another behaviour.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "netns/namespace.h"
#include "tcp/address.h"

struct nft_ctx;

namespace finwait::netlink {

struct DropRule {
  std::optional<std::uint8_t> flags;  // TCP flags, all set
  std::optional<bool> pure_ack;       // is, or is not, an ACK without payload
  std::optional<tcp::IpAddress> to;
  // Only the n-th packet that matches from now on, the first is 1; 0: all.
  std::uint32_t number = 0;
};

// Rules for one interface of one namespace (netdev family, ingress hook;
// libnftables), which go with their owner. At most one for an interface.
// Move-only, one thread at a time. Throws Unsupported without nf_tables
// netdev support.
class PacketFilter {
 public:
  PacketFilter(const netns::Namespace& ns, const std::string& interface);
  PacketFilter(PacketFilter&& other) noexcept = default;
  PacketFilter& operator=(PacketFilter&& other) noexcept;
  ~PacketFilter();

  void DropAll();  // IP, ARP, ND: everything
  // TCP segments. Rules add up; each counts its matches on its own.
  void Drop(const DropRule& rule);
  void Clear();

 private:
  struct Free {
    void operator()(nft_ctx* context) const;
  };

  std::string AddCommands() const;
  void Run(const std::string& commands, const std::string& doing);
  void Remove() noexcept;

  // Its netlink socket was opened in the namespace and stays there.
  std::unique_ptr<nft_ctx, Free> context_;
  std::string interface_;
  std::string table_;
  int rules_ = 0;
};

bool HasPacketFilter();  // found by trying, in a namespace of its own

}  // namespace finwait::netlink
