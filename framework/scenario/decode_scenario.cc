// A whole scenario: its head, the network, the story, the expectations.
#include "scenario/decode_scenario.h"

#include <algorithm>

#include "scenario/condition.h"
#include "scenario/decode_differences.h"
#include "scenario/decode_expectation.h"
#include "scenario/decode_impairment.h"
#include "scenario/decode_step.h"
#include "scenario/decode_topology.h"
#include "scenario/find_topology.h"
#include "scenario/quantity.h"
#include "scenario/target.h"

namespace finwait::scenario {
namespace {

Requirements DecodeRequirements(const Node& node, Mistakes& mistakes) {
  Requirements requirements;
  Table table(node, "requires", mistakes);
  table.Read("features", &requirements.features);
  table.Read("programs", &requirements.programs);
  if (table.Read("kernel", &requirements.kernel) &&
      !IsKernelRange(requirements.kernel)) {
    WrongText(*table.Find("kernel"), mistakes, "which is no range of versions",
              "write \">= 6.12\" or \"< 6.5\"");
  }
  table.Close();
  return requirements;
}

Behaviour DecodeBehaviour(const Node& node, Mistakes& mistakes) {
  Behaviour behaviour;
  Table table(node, "behaviour", mistakes);
  if (table.Require("entries", "entries = [\"FW2-04\"]") != nullptr) {
    table.Read("entries", &behaviour.entries);
  }
  table.Read("formula", &behaviour.formula);
  table.Read("sources", &behaviour.sources);
  table.Read("rfcs", &behaviour.rfcs);
  table.ReadRequired("catches", "catches = \"WHAT CHANGE OF A KERNEL\"",
                     &behaviour.catches);
  table.Close();
  return behaviour;
}

void Need(std::vector<std::string>* list, const std::string& what) {
  if (std::find(list->begin(), list->end(), what) == list->end()) {
    list->push_back(what);
  }
}

bool HasIpv6(const Topology& topology) {
  for (const Host& host : topology.hosts) {
    for (const auto& address : topology.AddressesOf(host.name)) {
      if (address.family == tcp::Family::kIpv6) return true;
    }
  }
  return false;
}

// What follows from the rest of the file.
void DeduceRequirements(Scenario* scenario) {
  auto* features = &scenario->requirements.features;
  if (!scenario->impairments.empty()) Need(features, "sch_netem");
  if (HasIpv6(scenario->topology)) Need(features, "ipv6");
  for (const Step& step : scenario->steps) {
    const Action& action = step.action;
    if (std::holds_alternative<Impair>(action)) Need(features, "sch_netem");
    if (std::holds_alternative<Drop>(action) ||
        std::holds_alternative<Blackhole>(action)) {
      Need(features, "nf_tables");
    }
    if (const auto* start = std::get_if<StartProgram>(&action)) {
      if (start->command.empty()) continue;
      Need(&scenario->requirements.programs, start->command.front());
    }
  }
}

void DecodeImpairments(const Node& node, Scene& scene, Scenario* scenario) {
  if (!node.is(Node::Kind::kTable)) {
    WrongType(node, scene.mistakes(), "write [impair.\"client:eth0\"]");
  }
  for (const Node& child : node.children) {
    InitialImpairment initial{child.key, {}, child.key_place};
    scene.CheckEnd(child.key, child.key_place);
    Decode(child, scene.mistakes(), &initial.impairment);
    scenario->impairments.push_back(initial);
  }
}

ConnectionName DecodeConnection(const Node& node, Scene& scene) {
  ConnectionName connection{.name = node.key, .place = node.key_place};
  Table table(node, "connection", scene.mistakes());
  if (const Node* to = table.Require("to", "to = \"server:80\"")) {
    DecodeTarget(*to, scene, &connection.to);
  }
  if (table.Read("from", &connection.from)) {
    scene.CheckHost(*table.Find("from"));
  }
  table.Read("number", &connection.number);
  table.Read("every", &connection.every);
  table.Close();
  if (connection.every && table.Has("number")) {
    scene.mistakes().Add(table.Find("number")->key_place,
                         "'number' stands beside 'every'",
                         "leave one of them out");
  }
  return connection;
}

// The name holds at both ends: where it comes from, or anywhere.
void NameEnds(const ConnectionName& connection, Scene& scene) {
  bool anywhere = connection.from.empty() || connection.to.host.empty();
  for (const Host& host : scene.topology().hosts) {
    if (anywhere || host.name == connection.from ||
        host.name == connection.to.host) {
      scene.NameConnection(host.name, connection.name);
    }
  }
}

void DecodeConnections(const Node& node, Scene& scene, Scenario* scenario) {
  if (!node.is(Node::Kind::kTable)) {
    WrongType(node, scene.mistakes(), "write [connection.NAME]");
  }
  for (const Node& child : node.children) {
    scenario->connections.push_back(DecodeConnection(child, scene));
    NameEnds(scenario->connections.back(), scene);
  }
}

tcp::Family ReadHead(Table& table, Scenario* scenario) {
  tcp::Family family = tcp::Family::kIpv4;
  table.ReadRequired("title", "title = \"WHAT IT SHOWS\"", &scenario->title);
  table.Read("labels", &scenario->labels);
  table.Read("time_limit", &scenario->time_limit);
  table.Read("family", &family);
  if (const Node* requirements = table.Find("requires")) {
    scenario->requirements =
        DecodeRequirements(*requirements, table.mistakes());
  }
  if (const Node* behaviour = table.Find("behaviour")) {
    scenario->behaviour = DecodeBehaviour(*behaviour, table.mistakes());
  }
  // The loader has multiplied these out.
  for (std::string_view key : {"parameter", "case", "exclude"}) {
    table.Find(key);
  }
  return family;
}

void ReadNetwork(Table& table, const SearchPath& path, Scenario* scenario) {
  if (const Node* node =
          table.Require("topology", "topology = \"two-hosts\"")) {
    scenario->topology =
        FindTopology(*node, scenario->file, path, table.mistakes());
  }
  const Node* sysctls = table.Find("sysctl");
  if (sysctls != nullptr && !scenario->topology.hosts.empty()) {
    DecodeHostSysctls(*sysctls, table.mistakes(), &scenario->topology);
  }
}

void ReadStory(Table& table, Scene& scene, Scenario* scenario) {
  if (const Node* impairments = table.Find("impair")) {
    DecodeImpairments(*impairments, scene, scenario);
  }
  if (const Node* connections = table.Find("connection")) {
    DecodeConnections(*connections, scene, scenario);
  }
  if (const Node* steps = table.Find("step")) {
    for (const Node* step : TablesOf(*steps, scene.mistakes())) {
      scenario->steps.push_back(DecodeStep(*step, scene));
    }
  }
  const Node* expectations = table.Find("expect");
  if (expectations != nullptr) {
    DecodeExpectations(*expectations, scene, scenario);
  }
  if (const Node* differs = table.Find("differs")) {
    DecodeDifferences(*differs, expectations, scene, scenario);
  }
}

}  // namespace

Scenario DecodeScenario(const Node& root, const std::string& file,
                        const SearchPath& path, Mistakes& mistakes) {
  Scenario scenario;
  scenario.file = file;
  Table table(root, "scenario", mistakes);
  tcp::Family family = ReadHead(table, &scenario);
  ReadNetwork(table, path, &scenario);
  Scene scene(scenario.topology, family, mistakes);
  ReadStory(table, scene, &scenario);
  table.Close();
  DeduceRequirements(&scenario);
  return scenario;
}

}  // namespace finwait::scenario
