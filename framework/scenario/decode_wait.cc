// Waiting, and counting sockets.
#include "scenario/decode_step.h"
#include "scenario/decode_topology.h"
#include "scenario/quantity.h"
#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

std::string ReadHost(Table& table, const Scene& scene) {
  std::string host;
  if (table.ReadRequired("at", "at = \"HOST\"", &host)) {
    scene.CheckHost(*table.Find("at"));
  }
  return host;
}

Action ReadPacket(Table& table, Scene& scene) {
  static const Words<bool> directions = {{"sent", true}, {"received", false}};
  WaitPacket wait;
  FlagSet flags;
  if (table.Read("packet", &flags)) wait.flags = flags.bits;
  wait.host = ReadHost(table, scene);
  if (const Node* way = table.Require("direction", "direction = \"sent\"")) {
    DecodeWord(*way, scene.mistakes(), directions, &wait.sent);
  }
  wait.connection = ReadConnection(wait.host, table, scene);
  table.Read("count", &wait.count);
  return wait;
}

// WaitSockets and CountSockets say the same, for later and for now.
template <typename Sockets>
Action ReadSockets(Table& table, Scene& scene) {
  Sockets sockets;
  table.ReadRequired("sockets", "sockets = 10", &sockets.count);
  sockets.host = ReadHost(table, scene);
  table.ReadRequired("state", "state = \"FIN_WAIT2\"", &sockets.state);
  table.Read("orphan", &sockets.orphan);
  return sockets;
}

Action ReadDuration(Table& table, Scene&) {
  WaitDuration wait;
  table.Read("duration", &wait.duration);
  return wait;
}

Action ReadEnd(Table& table, Scene& scene) {
  WaitEnd wait;
  if (table.Read("end", &wait.program)) {
    scene.CheckProgram("", wait.program, table.Find("end")->place);
  }
  return wait;
}

Action ReadOutput(Table& table, Scene& scene) {
  WaitOutput wait;
  table.Read("output", &wait.text);
  if (table.ReadRequired("of", "of = \"PROGRAM\"", &wait.program)) {
    scene.CheckProgram("", wait.program, table.Find("of")->place);
  }
  return wait;
}

Action ReadCall(Table& table, Scene& scene) {
  WaitCall wait;
  if (!table.Read("call", &wait.host)) return wait;
  const Node& host = *table.Find("call");
  if (scene.CheckHost(host) && !scene.IsPending(wait.host)) {
    scene.mistakes().Add(host.place, "no call of " + wait.host + " is pending",
                         "an earlier step must make one with async = true");
  }
  return wait;
}

using ReadWait = Action (*)(Table&, Scene&);
struct WaitForm {
  std::string key;
  std::string construct;
  ReadWait read;
};

const std::vector<WaitForm>& WaitForms() {
  static const std::vector<WaitForm> forms = {
      {"packet", "wait for a packet", &ReadPacket},
      {"sockets", "wait for sockets", &ReadSockets<WaitSockets>},
      {"duration", "wait for a duration", &ReadDuration},
      {"end", "wait for an end", &ReadEnd},
      {"output", "wait for output", &ReadOutput},
      {"call", "wait for a call", &ReadCall}};
  return forms;
}

// The key of the form { HOST = "STATE" }. Without a topology, whose file is
// wrong, any key that is none of the others.
const Node* FindHostKey(const Node& node, const Scene& scene) {
  for (const Node& child : node.children) {
    bool other = child.key == "on" || child.key == "within";
    bool unknown = scene.topology().hosts.empty() && !other;
    if (unknown || scene.topology().FindHost(child.key)) return &child;
  }
  return nullptr;
}

void ReportNothingToWaitFor(const Node& node, const Scene& scene) {
  std::vector<std::string> known = HostNames(scene.topology());
  for (const auto& form : WaitForms()) known.push_back(form.key);
  if (node.children.empty()) {
    scene.mistakes().Add(node.place, "this wait names nothing to wait for",
                         "write " + JoinAlternatives(known));
    return;
  }
  const Node& first = node.children.front();
  scene.mistakes().Add(first.key_place,
                       Quoted(first.key) + " is nothing to wait for",
                       Suggest(first.key, known));
}

Action DecodeWaitState(const Node& node, Scene& scene, Duration* within) {
  const Node* state = FindHostKey(node, scene);
  if (state == nullptr) {
    ReportNothingToWaitFor(node, scene);
    return WaitState{};
  }
  WaitState wait{.host = state->key};
  Table table(node, "wait for a state", scene.mistakes());
  table.Read("within", within);
  table.Read(wait.host, &wait.state);
  wait.connection = ReadConnection(wait.host, table, scene);
  table.Close();
  return wait;
}

}  // namespace

std::string ReadConnection(const std::string& host, Table& table,
                           Scene& scene) {
  std::string name;
  std::vector<std::string> known = scene.ConnectionsOf(host);
  if (table.Read("on", &name)) {
    if (!scene.HasConnection(host, name)) {
      scene.mistakes().Add(table.Find("on")->place,
                           host + " has no connection " + Quoted(name),
                           known.empty() ? "an earlier step must make it"
                                         : Suggest(name, known));
    }
    return name;
  }
  if (known.size() == 1) return known.front();
  scene.mistakes().Add(
      table.place(),
      host + " has " + (known.empty() ? "no" : "more than one") +
          " connection by then",
      known.empty() ? "an earlier step must make it"
                    : "say which: on = \"" + known.front() + "\"");
  return name;
}

Action DecodeWait(const Node& node, Scene& scene, Duration* within) {
  if (!node.is(Node::Kind::kTable)) {
    WrongType(node, scene.mistakes(), "write wait = { HOST = \"CLOSED\" }");
    return WaitDuration{};
  }
  for (const WaitForm& form : WaitForms()) {
    if (node.Find(form.key) == nullptr) continue;
    Table table(node, form.construct, scene.mistakes());
    table.Find(form.key);
    table.Read("within", within);
    Action wait = form.read(table, scene);
    table.Close();
    return wait;
  }
  return DecodeWaitState(node, scene, within);
}

Action DecodeCount(const Node& node, Scene& scene) {
  Table table(node, "count", scene.mistakes());
  Action count = ReadSockets<CountSockets>(table, scene);
  table.Close();
  return count;
}

}  // namespace finwait::scenario
