// A network of namespaces, built from a Topology and alive as long as this
// object.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "netlink/link.h"
#include "netlink/packet_filter.h"
#include "netlink/sock_diag.h"
#include "netns/namespace.h"
#include "observe/observer.h"
#include "scenario/impairment.h"
#include "scenario/step.h"
#include "scenario/topology.h"

namespace finwait::lab {

// Owns one anonymous namespace per host with its links, addresses, routes and
// sysctls, ready to carry traffic when the constructor returns: carriers are
// up, IPv6 addresses usable, neighbours known. The destructor just closes
// descriptors; the kernel removes everything some 50 ms later.
//
// Nothing here touches the caller's own namespace. Not thread-safe; may be
// used from any one thread at a time. Throws Error where the machine refuses,
// Unsupported where it lacks something, and names the host or link.
class Lab {
 public:
  explicit Lab(const scenario::Topology& topology);
  Lab(Lab&&) noexcept;
  Lab& operator=(Lab&&) noexcept;
  ~Lab();

  const scenario::Topology& topology() const { return topology_; }

  // Unknown hosts and ends throw std::out_of_range: the loader has checked
  // the names of a scenario.
  const netns::Namespace& In(const std::string& host) const;
  netlink::SockDiag& Diag(const std::string& host);

  // What leaves through `end` ("client:eth0").
  void Impair(const std::string& end, const scenario::Impairment& impairment);
  void SetLink(const std::string& end, bool up);
  // Path loss: segments are lost at the far end of the link, where the
  // sender's kernel does not notice.
  void Drop(const scenario::Drop& drop);
  void Blackhole(const std::string& end);
  void Restore(const std::string& end);

  // What an observer needs to watch all hosts that can have sockets; with
  // `bridges`, also the ends of links that are bridges' ports.
  std::vector<observe::Vantage> Vantages(bool bridges = false) const;

  // The address of `host` that `from` reaches without a detour: one of their
  // common subnet, or else the host's first of that family. Empty if it has
  // none.
  std::optional<tcp::IpAddress> AddressOf(const std::string& host,
                                          const std::string& from,
                                          tcp::Family family) const;

 private:
  struct End;
  struct Host;
  void BuildHosts();
  void BuildLinks();
  void IntroduceNeighbours();
  void AddAddressesAndRoutes();
  void WaitUsable();
  std::vector<netlink::MacAddress> StationsBeyond(const std::string& end) const;
  void AddPorts(const Host& bridge,
                std::vector<observe::Vantage>& vantages) const;
  Host& HostOf(const std::string& name);
  const Host& HostOf(const std::string& name) const;
  End& EndOf(const std::string& end);
  netlink::PacketFilter& FilterBehind(const std::string& end);

  scenario::Topology topology_;
  // Members go in reverse order: sockets before the namespaces they are in.
  std::map<std::string, std::unique_ptr<Host>> hosts_;
  std::map<std::string, End> ends_;  // by "host:interface"
};

}  // namespace finwait::lab
