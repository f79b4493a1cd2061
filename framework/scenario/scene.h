// What exists at a point of the story: hosts from the start, sockets,
// connections and programs from the step on that makes them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scenario/mistakes.h"
#include "scenario/node.h"
#include "scenario/topology.h"
#include "tcp/address.h"

namespace finwait::scenario {

enum class SocketRole { kPlain, kListener, kConnection };

// The steps' decoders tell it what they make and ask it about the names that
// they use; an unknown name is a mistake where it is written. Refers to the
// topology and the mistakes.
class Scene {
 public:
  Scene(const Topology& topology, tcp::Family family, Mistakes& mistakes)
      : topology_(&topology), family_(family), mistakes_(&mistakes) {}

  const Topology& topology() const { return *topology_; }
  Mistakes& mistakes() const { return *mistakes_; }
  tcp::Family family() const { return family_; }  // the scenario's default

  // Names of the topology, as written in a value's text. False and a mistake
  // if there is none. Without a topology (its file is wrong) all are good.
  bool CheckHost(const Node& node) const;
  bool CheckHostName(const std::string& host, const Place& place) const;
  bool CheckEnd(const std::string& end, const Place& place) const;
  bool CheckFamily(const std::string& host, tcp::Family family,
                   const Place& place) const;

  // --- sockets and connections of a host ---
  void MakeSocket(const std::string& host, const std::string& name,
                  SocketRole role, const Place& place);
  // The open socket that `node` names; a mistake if there is none.
  void CheckSocket(const std::string& host, const Node& node) const;
  void ChangeRole(const std::string& host, const std::string& name,
                  SocketRole role);
  void CloseSocket(const std::string& host, const std::string& name);
  void CloseAll(const std::string& host);
  // The only open listener of the host, or "listener".
  std::string DefaultListener(const std::string& host) const;

  // A connection that is observed on `host` under this name, though no step
  // of the host made it: the far end of a connect, or a program's.
  void NameConnection(const std::string& host, const std::string& name);
  bool HasConnection(const std::string& host, const std::string& name) const;
  std::vector<std::string> ConnectionsOf(const std::string& host) const;

  // --- programs: their names are unique in a scenario ---
  void MakeProgram(const std::string& host, const std::string& name,
                   const Place& place);
  // `host` may be empty: any.
  bool CheckProgram(const std::string& host, const std::string& name,
                    const Place& place) const;

  // --- calls that are left blocking ---
  void LeavePending(const std::string& host) { pending_.insert(host); }
  bool IsPending(const std::string& host) const {
    return pending_.contains(host);
  }

 private:
  struct Socket {
    SocketRole role = SocketRole::kPlain;
    bool open = true;
    Place place;
  };
  struct Program {
    std::string host;
    Place place;
  };
  const Topology* topology_;
  tcp::Family family_;
  Mistakes* mistakes_;
  std::map<std::string, std::map<std::string, Socket>> sockets_;
  std::map<std::string, std::set<std::string>> named_;
  std::map<std::string, Program> programs_;
  std::set<std::string> pending_;
};

}  // namespace finwait::scenario
