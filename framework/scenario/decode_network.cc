// Steps on the network itself: impairments, links, drops.
#include "scenario/decode_impairment.h"
#include "scenario/decode_step.h"

namespace finwait::scenario {
namespace {

// Reads "client:eth0" and checks that there is such an end.
std::string DecodeEnd(const Node& node, Scene& scene) {
  std::string end;
  if (Decode(node, scene.mistakes(), &end)) scene.CheckEnd(end, node.place);
  return end;
}

std::string ReadEnd(std::string_view key, Table& table, Scene& scene) {
  const Node* end =
      table.Require(key, std::string(key) + " = \"HOST:INTERFACE\"");
  return end != nullptr ? DecodeEnd(*end, scene) : std::string();
}

}  // namespace

Action DecodeImpair(const Node& node, Scene& scene) {
  Impair impair;
  if (!node.is(Node::Kind::kTable) || node.children.size() != 1) {
    scene.mistakes().Add(node.place, "'impair' needs exactly one end",
                         "write { \"client:eth0\" = { delay = \"50ms\" } }");
    return impair;
  }
  const Node& child = node.children.front();
  impair.end = child.key;
  scene.CheckEnd(impair.end, child.key_place);
  Decode(child, scene.mistakes(), &impair.impairment);
  return impair;
}

Action DecodeLift(const Node& node, Scene& scene) {
  return Impair{DecodeEnd(node, scene), Impairment{}};
}

Action DecodeSetLink(const Node& node, Scene& scene) {
  SetLink set;
  Table table(node, "link step", scene.mistakes());
  if (const Node* end = table.OneOf({"down", "up"})) {
    set.up = end->key == "up";
    set.end = DecodeEnd(*end, scene);
  }
  table.Close();
  return set;
}

Action DecodeBlackhole(const Node& node, Scene& scene) {
  return Blackhole{DecodeEnd(node, scene)};
}

Action DecodeDrop(const Node& node, Scene& scene) {
  Drop drop;
  Table table(node, "drop", scene.mistakes());
  drop.end = ReadEnd("from", table, scene);
  FlagSet flags;
  if (table.Read("flags", &flags)) drop.flags = flags.bits;
  table.Read("pure_ack", &drop.pure_ack);
  if (table.Read("to", &drop.to)) scene.CheckHost(*table.Find("to"));
  table.Read("number", &drop.number);
  table.Close();
  if (table.Has("flags") && table.Has("pure_ack")) {
    scene.mistakes().Add(table.Find("pure_ack")->key_place,
                         "'pure_ack' stands beside 'flags'",
                         "leave one of them out");
  }
  return drop;
}

Action DecodeRestore(const Node& node, Scene& scene) {
  return Restore{DecodeEnd(node, scene)};
}

}  // namespace finwait::scenario
