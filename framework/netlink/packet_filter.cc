// Drop rules in nftables' own language, run by libnftables.
#include "netlink/packet_filter.h"

#include <net/if.h>
#include <nftables/libnftables.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/error.h"

namespace finwait::netlink {
namespace {

// The length of an IP packet that is only headers, beside the data offset of
// its TCP header in words: nftables cannot subtract, but it can look a pair
// up. Valid without IP options, which no packet here has.
std::string HeaderOnly(tcp::Family family, bool wanted) {
  bool ipv4 = family == tcp::Family::kIpv4;
  std::string pairs;
  for (int words = 5; words <= 15; ++words) {
    int length = words * 4 + (ipv4 ? 20 : 0);  // IPv6 counts the payload only
    if (!pairs.empty()) pairs += ", ";
    pairs += std::to_string(length) + " . " + std::to_string(words);
  }
  return std::string(ipv4 ? "ip" : "ip6") + " length . tcp doff " +
         (wanted ? "" : "!= ") + "{ " + pairs + " } ";
}

std::string Destination(const tcp::IpAddress& to) {
  return (to.family == tcp::Family::kIpv4 ? "ip daddr " : "ip6 daddr ") +
         ToString(to) + " ";
}

// The match expressions, one list for each way to match.
std::vector<std::string> Matches(const DropRule& rule, tcp::Family family) {
  std::string common =
      family == tcp::Family::kIpv4 ? "meta protocol ip " : "meta protocol ip6 ";
  common += "meta l4proto tcp ";
  if (rule.to) common += Destination(*rule.to);
  if (rule.flags) {
    std::string bits = std::to_string(*rule.flags);
    common += "tcp flags & " + bits + " == " + bits + " ";
  }
  if (!rule.pure_ack) return {common};
  if (*rule.pure_ack) {
    return {common + "tcp flags == ack " + HeaderOnly(family, true)};
  }
  return {common + "tcp flags != ack ",
          common + "tcp flags == ack " + HeaderOnly(family, false)};
}

std::vector<tcp::Family> FamiliesOf(const DropRule& rule) {
  if (rule.to) return {rule.to->family};
  return {tcp::Family::kIpv4, tcp::Family::kIpv6};
}

// numgen counts the packets that reach it from 0 on, and 2^32 - 1 packets are
// more than any test sends.
std::string DropNumber(std::uint32_t number) {
  if (number == 0) return "drop";
  return "numgen inc mod 4294967295 == " + std::to_string(number - 1) + " drop";
}

}  // namespace

void PacketFilter::Free::operator()(nft_ctx* context) const {
  nft_ctx_free(context);
}

PacketFilter::PacketFilter(const netns::Namespace& ns,
                           const std::string& interface)
    : interface_(interface) {
  ns.Enter([&] {
    unsigned ifindex = if_nametoindex(interface_.c_str());
    // Since Linux 6.16 a hook may wait for an interface that is yet to come.
    if (ifindex == 0) ThrowErrno("adding a packet filter to " + interface_);
    table_ = "netdev finwait" + std::to_string(ifindex);
    context_.reset(nft_ctx_new(NFT_CTX_DEFAULT));
  });
  if (!context_) throw Error("opening nftables", "no memory", ENOMEM);
  nft_ctx_buffer_output(context_.get());
  nft_ctx_buffer_error(context_.get());
  try {
    Run(AddCommands(), "adding a packet filter to " + interface_);
  } catch (const Error& e) {
    throw Unsupported(
        std::string("nf_tables ingress filter (") + e.what() + ")",
        "a kernel with CONFIG_NF_TABLES_NETDEV and CONFIG_NETFILTER_INGRESS");
  }
}

PacketFilter& PacketFilter::operator=(PacketFilter&& other) noexcept {
  if (this == &other) return *this;
  Remove();
  context_ = std::move(other.context_);
  interface_ = std::move(other.interface_);
  table_ = std::move(other.table_);
  rules_ = other.rules_;
  return *this;
}

PacketFilter::~PacketFilter() { Remove(); }

std::string PacketFilter::AddCommands() const {
  return "add table " + table_ + "; add chain " + table_ +
         " arriving { type filter hook ingress device \"" + interface_ +
         "\" priority 0; policy accept; }";
}

void PacketFilter::DropAll() {
  Run("add rule " + table_ + " arriving drop",
      "dropping everything at " + interface_);
}

// A chain for each rule, so that all its ways to match count together.
void PacketFilter::Drop(const DropRule& rule) {
  std::string chain = "rule" + std::to_string(++rules_);
  std::string commands = "add chain " + table_ + " " + chain + "\n";
  commands +=
      "add rule " + table_ + " " + chain + " " + DropNumber(rule.number) + "\n";
  for (tcp::Family family : FamiliesOf(rule)) {
    for (const std::string& match : Matches(rule, family)) {
      commands +=
          "add rule " + table_ + " arriving " + match + "jump " + chain + "\n";
    }
  }
  Run(commands, "dropping chosen packets at " + interface_);
}

void PacketFilter::Clear() {
  Run("delete table " + table_ + "; " + AddCommands(),
      "clearing the packet filter of " + interface_);
}

void PacketFilter::Run(const std::string& commands, const std::string& doing) {
  int failed = nft_run_cmd_from_buffer(context_.get(), commands.c_str());
  std::string text = nft_ctx_get_error_buffer(context_.get());
  nft_ctx_get_output_buffer(context_.get());  // reading empties it
  // The first line says it; the others point at the place in the commands.
  if (failed != 0) throw Error(doing, text.substr(0, text.find('\n')));
}

// Best effort: the namespace may be about to go, too.
void PacketFilter::Remove() noexcept {
  if (!context_) return;
  std::string command = "delete table " + table_;
  nft_run_cmd_from_buffer(context_.get(), command.c_str());
}

bool HasPacketFilter() {
  try {
    netns::Namespace::Create(
        [](const netns::Namespace& ns) { PacketFilter(ns, "lo"); });
    return true;
  } catch (const Unsupported&) {
    return false;
  }
}

}  // namespace finwait::netlink
