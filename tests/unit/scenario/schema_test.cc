// The JSON Schema for editors and the reference for people know the same keys
// as the loader.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "folders.h"
#include "scenario/decode_scenario.h"
#include "scenario/find_topology.h"
#include "scenario/parameters.h"
#include "scenario/socket_option.h"

namespace finwait::scenario {
namespace {

using Keys = Mistakes::KeysByConstruct;

std::filesystem::path Here(const std::string& name) {
  return SourceTree() / "tests/unit/scenario" / name;
}

// What the decoders ask for when they read files that use everything.
Keys KeysOfLoader() {
  Mistakes mistakes;
  auto text = ReadText(Here("every_key.toml"), mistakes);
  auto root = ParseToml(text.value_or(""), "every_key.toml", mistakes);
  std::set<std::string> used;
  Case one = CasesOf(*root, mistakes).front();
  Node filled = Substitute(*root, one.bindings, &used, mistakes);
  DecodeScenario(filled, "every_key.toml", {Topologies()}, mistakes);
  ReadTopologyFile(Here("every_topology_key.toml"), {}, mistakes);
  for (const auto& d : mistakes.Sorted()) ADD_FAILURE() << ToString(d);
  Keys keys = mistakes.keys();
  keys["wait for a state"].erase("client");  // a host's name
  for (const SocketOption& option : SocketOptions()) {
    keys["options"].insert(option.name);
  }
  return keys;
}

Keys KeysOfSchema() {
  std::ifstream file(SourceTree() / "framework/scenario/scenario.schema.json");
  Keys keys;
  const auto schema = nlohmann::json::parse(file);
  for (const auto& definition : schema["$defs"]) {
    if (!definition.contains("title")) continue;
    for (const auto& [key, value] : definition["properties"].items()) {
      keys[definition["title"]].insert(key);
    }
  }
  return keys;
}

TEST(Schema, KnowsTheKeysOfTheLoader) {
  Keys loader = KeysOfLoader();
  Keys schema = KeysOfSchema();
  for (const auto& [construct, keys] : loader) {
    EXPECT_EQ(schema[construct], keys) << construct;
  }
  for (const auto& [construct, keys] : schema) {
    EXPECT_TRUE(loader.contains(construct)) << construct;
  }
}

TEST(Reference, MentionsTheKeysOfTheLoader) {
  Mistakes mistakes;
  auto text = ReadText(SourceTree() / "docs/scenario-reference.md", mistakes);
  ASSERT_TRUE(text);
  const std::set<std::string> states = {"CLOSED",   "CLOSE_WAIT", "CLOSING",
                                        "LAST_ACK", "LISTEN",     "TIME_WAIT"};
  for (const auto& [construct, keys] : KeysOfLoader()) {
    for (const std::string& key : keys) {
      if (states.contains(key)) continue;  // "and every other state"
      EXPECT_NE(text->find(key), std::string::npos) << construct << ": " << key;
    }
  }
}

TEST(Reference, BeginsWithAScenarioThatLoads) {
  Mistakes mistakes;
  auto text = ReadText(SourceTree() / "docs/scenario-reference.md", mistakes);
  ASSERT_TRUE(text);
  const std::string fence = "```toml\n";
  std::size_t begin = text->find(fence) + fence.size();
  std::string example = text->substr(begin, text->find("```", begin) - begin);
  for (const auto& d :
       ParseScenario(example, "reference", {Topologies()}).diagnostics) {
    ADD_FAILURE() << ToString(d);
  }
}

}  // namespace
}  // namespace finwait::scenario
