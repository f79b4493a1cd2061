// Steps: who acts, and the modifiers around it.
#include "scenario/decode_step.h"

#include "scenario/decode_topology.h"
#include "scenario/quantity.h"
#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

using DecodeNetwork = Action (*)(const Node&, Scene&);

const std::vector<std::pair<std::string, DecodeNetwork>>& NetworkVerbs() {
  static const std::vector<std::pair<std::string, DecodeNetwork>> verbs = {
      {"count", &DecodeCount},         {"impair", &DecodeImpair},
      {"lift", &DecodeLift},           {"link", &DecodeSetLink},
      {"blackhole", &DecodeBlackhole}, {"drop", &DecodeDrop},
      {"restore", &DecodeRestore}};
  return verbs;
}

bool CanBlock(const Action& action) {
  if (const auto* connect = std::get_if<Connect>(&action)) {
    return connect->blocking;
  }
  if (const auto* send = std::get_if<Send>(&action)) return !send->until_full;
  return std::holds_alternative<Accept>(action) ||
         std::holds_alternative<Receive>(action) ||
         std::holds_alternative<Close>(action);
}

void CheckAsync(const Node& step_node, const Step& step, Scene& scene) {
  if (!step.async) return;
  if (CanBlock(step.action)) {
    scene.LeavePending(step.host);
    return;
  }
  scene.mistakes().Add(step_node.Find("async")->place,
                       "'async' stands at a step that cannot block",
                       "only connect, accept, send, receive and close can");
}

// The key that says who acts or what happens: all but the modifiers.
const Node* FindVerb(const Node& node, Scene& scene) {
  const Node* verb = nullptr;
  for (const Node& child : node.children) {
    if (child.key == "within" || child.key == "async") continue;
    if (verb != nullptr) {
      scene.mistakes().Add(
          child.key_place,
          Quoted(child.key) + " stands beside " + Quoted(verb->key),
          "write one [[step]] for each");
      continue;
    }
    verb = &child;
  }
  return verb;
}

void ReportUnknownActor(const Node& verb, Scene& scene) {
  std::vector<std::string> known = HostNames(scene.topology());
  known.emplace_back("wait");
  for (const auto& [name, decode] : NetworkVerbs()) known.push_back(name);
  scene.mistakes().Add(verb.key_place,
                       "unknown host or step " + Quoted(verb.key),
                       Suggest(verb.key, known));
}

void DecodeMain(const Node& verb, Scene& scene, Step* step) {
  if (verb.key == "wait") {
    step->action = DecodeWait(verb, scene, &step->within);
    return;
  }
  for (const auto& [name, decode] : NetworkVerbs()) {
    if (name != verb.key) continue;
    step->action = decode(verb, scene);
    return;
  }
  bool known = scene.topology().hosts.empty() ||
               scene.topology().FindHost(verb.key) != nullptr;
  if (!known) {
    ReportUnknownActor(verb, scene);
    return;
  }
  step->host = verb.key;
  DecodeHostAction(verb, scene, step);
}

void NoteKeys(Mistakes& mistakes) {
  mistakes.NoteKey("step", "wait");
  for (const auto& [name, decode] : NetworkVerbs()) {
    mistakes.NoteKey("step", name);
  }
}

}  // namespace

Step DecodeStep(const Node& node, Scene& scene) {
  Step step;
  step.place = node.place;
  Table table(node, "step", scene.mistakes());
  NoteKeys(scene.mistakes());
  table.Read("within", &step.within);
  table.Read("async", &step.async);
  if (!node.is(Node::Kind::kTable)) return step;
  const Node* verb = FindVerb(node, scene);
  if (verb == nullptr) {
    scene.mistakes().Add(node.place, "this step does nothing",
                         "write HOST = { ... } or wait = { ... }");
    return step;
  }
  DecodeMain(*verb, scene, &step);
  CheckAsync(node, step, scene);
  return step;
}

void DecodeHostAction(const Node& node, Scene& scene, Step* step) {
  Table table(node, "step of a host", scene.mistakes());
  std::vector<std::string> names;
  for (const Verbs* verbs : {&SocketVerbs(), &ProgramVerbs()}) {
    for (const auto& [name, decode] : *verbs) {
      names.push_back(name);
      if (!table.Has(name)) continue;
      Table call(node, name, scene.mistakes());
      call.Find(name);
      step->action = decode(step->host, call, scene);
      if (verbs == &SocketVerbs()) step->expected = DecodeResult(call);
      call.Close();
      return;
    }
  }
  if (!node.is(Node::Kind::kTable)) return;
  const bool empty = node.children.empty();
  const Node& first = empty ? node : node.children.front();
  scene.mistakes().Add(first.key_place,
                       empty ? "host " + Quoted(node.key) + " does nothing"
                             : "unknown action " + Quoted(first.key),
                       Suggest(empty ? "" : first.key, names));
}

}  // namespace finwait::scenario
