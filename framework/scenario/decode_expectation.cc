// Expectations by host: connections, sockets in bulk, counters, programs.
#include "scenario/decode_expectation.h"

#include <algorithm>

#include "scenario/decode_sockets.h"
#include "scenario/decode_step.h"
#include "scenario/quantity.h"
#include "scenario/suggestion.h"
#include "scenario/table.h"

namespace finwait::scenario {
namespace {

// What a kernel does not have does not move.
void CheckPattern(const CounterExpectation& counter, const Node& node,
                  Mistakes& mistakes) {
  if (!counter.IsPattern() || counter.delta.min <= 0) return;
  mistakes.Add(node.place, Quoted(node.key) + " would have every counter move",
               "write 0 or \"at most 1\", and name those that must move");
}

void DecodeCounters(const Node& node, const std::string& host,
                    Mistakes& mistakes, Expectations* expected) {
  if (!node.is(Node::Kind::kTable)) {
    WrongType(node, mistakes, "write { TcpExtTW = 1 }");
    return;
  }
  for (const Node& child : node.children) {
    CounterExpectation counter{host, child.key, {}, child.key_place};
    Decode(child, mistakes, &counter.delta);
    CheckPattern(counter, child, mistakes);
    expected->counters.push_back(counter);
  }
}

// One text, or several.
std::vector<std::string> ReadTexts(Table& table, std::string_view key) {
  std::vector<std::string> texts;
  const Node* node = table.Find(key);
  if (node == nullptr) return texts;
  if (node->is(Node::Kind::kArray)) {
    table.Read(key, &texts);
  } else {
    table.Read(key, &texts.emplace_back());
  }
  return texts;
}

ProgramExpectation DecodeProgram(const Node& node, const std::string& host,
                                 Mistakes& mistakes) {
  ProgramExpectation program{.host = host, .name = node.key};
  program.place = node.key_place;
  Table table(node, "program expectation", mistakes);
  table.Read("exit", &program.exit_code);
  if (const Node* signal = table.Find("signal")) {
    DecodeSignal(*signal, mistakes, &program.term_signal.emplace());
  }
  program.output_contains = ReadTexts(table, "output");
  program.output_lacks = ReadTexts(table, "output_lacks");
  table.Close();
  if (program.exit_code && program.term_signal) {
    mistakes.Add(table.Find("signal")->key_place,
                 "'signal' stands beside 'exit'",
                 "leave one of them out: a program ends in one way");
  }
  return program;
}

void DecodePrograms(const Node& node, const std::string& host, Scene& scene,
                    Expectations* expected) {
  if (!node.is(Node::Kind::kTable)) {
    WrongType(node, scene.mistakes(), "write [expect.HOST.program.NAME]");
    return;
  }
  for (const Node& child : node.children) {
    scene.CheckProgram(host, child.key, child.key_place);
    expected->programs.push_back(DecodeProgram(child, host, scene.mistakes()));
  }
}

void CheckConnection(const Node& node, const std::string& host,
                     const Scene& scene) {
  if (scene.topology().FindHost(host) == nullptr) return;
  if (scene.HasConnection(host, node.key)) return;
  std::vector<std::string> known = scene.ConnectionsOf(host);
  known.insert(known.end(), {"counters", "program", "sockets"});
  scene.mistakes().Add(
      node.key_place,
      "no step makes a connection " + Quoted(node.key) + " on " + host,
      Suggest(node.key, known));
}

void DecodeHostExpectations(const Node& node, Scene& scene,
                            Expectations* expected) {
  const std::string& host = node.key;
  scene.CheckHostName(host, node.key_place);
  if (!node.is(Node::Kind::kTable)) {
    WrongType(node, scene.mistakes(), "write [expect.HOST.CONNECTION]");
    return;
  }
  for (const Node& child : node.children) {
    if (child.key == "counters") {
      DecodeCounters(child, host, scene.mistakes(), expected);
    } else if (child.key == "program") {
      DecodePrograms(child, host, scene, expected);
    } else if (child.key == "sockets") {
      for (const Node* sockets : TablesOf(child, scene.mistakes())) {
        expected->sockets.push_back(DecodeSockets(*sockets, host, scene));
      }
    } else {
      CheckConnection(child, host, scene);
      expected->endpoints.push_back(
          DecodeEndpoint(child, host, scene.mistakes()));
    }
  }
}

}  // namespace

void DecodeExpectations(const Node& node, Scene& scene,
                        Expectations* expected) {
  if (!node.is(Node::Kind::kTable)) {
    WrongType(node, scene.mistakes(), "write [expect.HOST.CONNECTION]");
    return;
  }
  for (const Node& child : node.children) {
    DecodeHostExpectations(child, scene, expected);
  }
}

}  // namespace finwait::scenario
