// Which connection of the scenario a pair of addresses is. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenario/expectation.h"
#include "tcp/address.h"

namespace finwait::observe {

// Gives names to connections at their first SYN, the same one to both ends,
// whichever end's capture is read first. One thread at a time.
class Names {
 public:
  // `addresses` are those of every host of the network.
  Names(std::vector<scenario::ConnectionName> rules,
        std::map<std::string, std::vector<tcp::IpAddress>> addresses);

  // The next connection from `host` to `remote` is `name`: a connect() of an
  // actor is about to begin.
  void Expect(const std::string& host, const tcp::SocketAddress& remote,
              const std::string& name);

  // The name for an endpoint that has just appeared on `host`; `client` says
  // whether it sent the SYN. Without a rule: "#1", "#2", ...
  std::string NameOf(const std::string& host, const tcp::FourTuple& tuple,
                     bool client);

  // No endpoint of these addresses is left: the next connection with them has
  // another name.
  void Forget(const tcp::FourTuple& tuple);

 private:
  struct Expected {
    std::string host;
    tcp::SocketAddress remote;
    std::string name;
  };
  struct Given {
    std::string name;
    std::set<std::string> hosts;  // that have used it
  };
  std::string Choose(const tcp::FourTuple& client);
  std::string ChooseByRule(const std::string& host,
                           const tcp::SocketAddress& remote);
  std::string HostOf(const tcp::IpAddress& address) const;
  bool Matches(const scenario::Target& to,
               const tcp::SocketAddress& remote) const;

  std::vector<scenario::ConnectionName> rules_;
  std::vector<int> matches_;  // connections seen so far, by rule
  std::map<std::string, std::vector<tcp::IpAddress>> addresses_;
  std::vector<Expected> expected_;
  std::map<tcp::FourTuple, Given> given_;  // by the client's tuple
  int unnamed_ = 0;
};

}  // namespace finwait::observe
