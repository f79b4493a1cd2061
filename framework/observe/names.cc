#include "observe/names.h"

#include <algorithm>
#include <utility>

namespace finwait::observe {

Names::Names(std::vector<scenario::ConnectionName> rules,
             std::map<std::string, std::vector<tcp::IpAddress>> addresses)
    : rules_(std::move(rules)),
      matches_(rules_.size()),
      addresses_(std::move(addresses)) {}

void Names::Expect(const std::string& host, const tcp::SocketAddress& remote,
                   const std::string& name) {
  std::erase_if(expected_, [&](const Expected& e) {
    return e.host == host && e.name == name;
  });
  expected_.push_back({host, remote, name});
}

std::string Names::NameOf(const std::string& host, const tcp::FourTuple& tuple,
                          bool client) {
  const tcp::FourTuple key = client ? tuple : tcp::Reversed(tuple);
  auto found = given_.find(key);
  if (found == given_.end()) found = given_.find(tcp::Reversed(key));
  // A host that has used the name already starts another connection with
  // the same addresses.
  if (found == given_.end() || found->second.hosts.contains(host)) {
    found = given_.insert_or_assign(key, Given{Choose(key), {}}).first;
  }
  found->second.hosts.insert(host);
  return found->second.name;
}

void Names::Forget(const tcp::FourTuple& tuple) {
  given_.erase(tuple);
  given_.erase(tcp::Reversed(tuple));
}

std::string Names::Choose(const tcp::FourTuple& client) {
  const std::string host = HostOf(client.local.ip);
  const auto expected =
      std::find_if(expected_.begin(), expected_.end(), [&](const Expected& e) {
        return e.host == host && e.remote == client.remote;
      });
  if (expected != expected_.end()) {
    std::string name = expected->name;
    expected_.erase(expected);
    return name;
  }
  std::string name = ChooseByRule(host, client.remote);
  return name.empty() ? "#" + std::to_string(++unnamed_) : name;
}

std::string Names::ChooseByRule(const std::string& host,
                                const tcp::SocketAddress& remote) {
  std::string name;
  for (std::size_t n = 0; n < rules_.size(); ++n) {
    const scenario::ConnectionName& rule = rules_[n];
    const bool from = rule.from.empty() || rule.from == host;
    if (!from || !Matches(rule.to, remote)) continue;
    const int number = ++matches_[n];
    if (!name.empty()) continue;
    if (rule.every) name = rule.name + "#" + std::to_string(number);
    if (!rule.every && number == rule.number) name = rule.name;
  }
  return name;
}

std::string Names::HostOf(const tcp::IpAddress& address) const {
  for (const auto& [host, owned] : addresses_) {
    if (std::find(owned.begin(), owned.end(), address) != owned.end()) {
      return host;
    }
  }
  return {};
}

bool Names::Matches(const scenario::Target& to,
                    const tcp::SocketAddress& remote) const {
  if (to.port != remote.port) return false;
  if (to.address) return *to.address == remote.ip;
  return HostOf(remote.ip) == to.host;
}

}  // namespace finwait::observe
