// Keeps the names and says which are unknown.
#include "scenario/scene.h"

#include "scenario/decode_topology.h"
#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

template <typename Value>
std::vector<std::string> KeysOf(const std::map<std::string, Value>& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

std::string SuggestEarlier(const std::string& word,
                           const std::vector<std::string>& known) {
  if (known.empty()) return "an earlier step must make it";
  return Suggest(word, known);
}

std::vector<std::string> EndNames(const Topology& topology) {
  std::vector<std::string> names;
  for (const Link& link : topology.links) {
    names.push_back(EndName(link.a));
    names.push_back(EndName(link.b));
  }
  return names;
}

}  // namespace

bool Scene::CheckHostName(const std::string& host, const Place& place) const {
  if (topology_->hosts.empty() || topology_->FindHost(host)) return true;
  mistakes_->Add(place, "unknown host " + Quoted(host),
                 Suggest(host, HostNames(*topology_)));
  return false;
}

bool Scene::CheckHost(const Node& node) const {
  return CheckHostName(node.text, node.place);
}

bool Scene::CheckEnd(const std::string& end, const Place& place) const {
  if (topology_->links.empty() || topology_->FindEnd(end)) return true;
  mistakes_->Add(place, "unknown end of a link " + Quoted(end),
                 Suggest(end, EndNames(*topology_)));
  return false;
}

bool Scene::CheckFamily(const std::string& host, tcp::Family family,
                        const Place& place) const {
  if (topology_->FindHost(host) == nullptr) return true;
  for (const auto& address : topology_->AddressesOf(host)) {
    if (address.family == family) return true;
  }
  std::string name = family == tcp::Family::kIpv4 ? "IPv4" : "IPv6";
  mistakes_->Add(place, "host " + Quoted(host) + " has no " + name + " address",
                 "give it one in the topology, or choose the other family");
  return false;
}

void Scene::MakeSocket(const std::string& host, const std::string& name,
                       SocketRole role, const Place& place) {
  auto [socket, added] =
      sockets_[host].try_emplace(name, Socket{role, true, place});
  if (added) return;
  mistakes_->Add(place, "second socket " + Quoted(name) + " of " + host,
                 "choose another name with 'as'; the first is at " +
                     ToString(socket->second.place));
}

void Scene::CheckSocket(const std::string& host, const Node& node) const {
  auto sockets = sockets_.find(host);
  if (sockets == sockets_.end()) {
    mistakes_->Add(node.place, host + " has no socket " + Quoted(node.text),
                   "an earlier step must make it");
    return;
  }
  auto socket = sockets->second.find(node.text);
  if (socket == sockets->second.end()) {
    mistakes_->Add(node.place, host + " has no socket " + Quoted(node.text),
                   SuggestEarlier(node.text, KeysOf(sockets->second)));
  } else if (!socket->second.open) {
    mistakes_->Add(
        node.place,
        "socket " + Quoted(node.text) + " of " + host + " is closed by then",
        "use it before it is closed");
  }
}

void Scene::ChangeRole(const std::string& host, const std::string& name,
                       SocketRole role) {
  auto socket = sockets_[host].find(name);
  if (socket != sockets_[host].end()) socket->second.role = role;
}

void Scene::CloseSocket(const std::string& host, const std::string& name) {
  auto socket = sockets_[host].find(name);
  if (socket != sockets_[host].end()) socket->second.open = false;
}

void Scene::CloseAll(const std::string& host) {
  for (auto& [name, socket] : sockets_[host]) socket.open = false;
}

std::string Scene::DefaultListener(const std::string& host) const {
  std::vector<std::string> listeners;
  auto sockets = sockets_.find(host);
  if (sockets == sockets_.end()) return "listener";
  for (const auto& [name, socket] : sockets->second) {
    bool listens = socket.role == SocketRole::kListener && socket.open;
    if (listens) listeners.push_back(name);
  }
  return listeners.size() == 1 ? listeners.front() : "listener";
}

void Scene::NameConnection(const std::string& host, const std::string& name) {
  named_[host].insert(name);
}

bool Scene::HasConnection(const std::string& host,
                          const std::string& name) const {
  auto named = named_.find(host);
  if (named != named_.end() && named->second.contains(name)) return true;
  auto sockets = sockets_.find(host);
  return sockets != sockets_.end() && sockets->second.contains(name);
}

std::vector<std::string> Scene::ConnectionsOf(const std::string& host) const {
  std::vector<std::string> own;
  if (auto sockets = sockets_.find(host); sockets != sockets_.end()) {
    for (const auto& [name, socket] : sockets->second) {
      if (socket.role == SocketRole::kConnection) own.push_back(name);
    }
  }
  if (!own.empty()) return own;
  auto named = named_.find(host);
  if (named != named_.end()) {
    own.assign(named->second.begin(), named->second.end());
  }
  return own;
}

void Scene::MakeProgram(const std::string& host, const std::string& name,
                        const Place& place) {
  auto [program, added] = programs_.try_emplace(name, Program{host, place});
  if (added) return;
  mistakes_->Add(place, "second program " + Quoted(name),
                 "choose another name with 'as'; the first is at " +
                     ToString(program->second.place));
}

bool Scene::CheckProgram(const std::string& host, const std::string& name,
                         const Place& place) const {
  auto program = programs_.find(name);
  if (program == programs_.end()) {
    mistakes_->Add(place, "unknown program " + Quoted(name),
                   SuggestEarlier(name, KeysOf(programs_)));
    return false;
  }
  if (host.empty() || program->second.host == host) return true;
  mistakes_->Add(place, "program " + Quoted(name) + " does not run on " + host,
                 "it runs on '" + program->second.host + "'");
  return false;
}

}  // namespace finwait::scenario
