// What a host does to a connection without its socket: segments that nobody's
// TCP sends, and SOCK_DESTROY.
#include "scenario/decode_step.h"
#include "scenario/quantity.h"
#include "scenario/sequence_number.h"
#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

// What fits into a packet of 1500 bytes with IPv6, TCP and its timestamps.
constexpr std::uint64_t kMostBytes = 1500 - 40 - 20 - 12;

void ReadFlags(Table& table, Craft* craft) {
  FlagSet flags;
  if (!table.Read("craft", &flags)) return;
  craft->flags = flags.bits;
  if (flags.bits != 0) return;
  WrongText(*table.Find("craft"), table.mistakes(), "which says no flag",
            "write those to be set: \"RST\" or \"FIN|ACK\"");
}

void ReadPayload(Table& table, Craft* craft) {
  ByteCount bytes;
  table.Read("data", &craft->data);
  if (table.Read("bytes", &bytes)) craft->bytes = bytes.bytes;
  if (!craft->data.empty() && craft->bytes > 0) {
    table.mistakes().Add(table.Find("bytes")->key_place,
                         "'bytes' stands beside 'data'",
                         "leave one of them out");
  }
  if (std::max<std::uint64_t>(craft->data.size(), craft->bytes) <= kMostBytes) {
    return;
  }
  table.mistakes().Add(
      table.place(), "too much data for one segment",
      "send at most \"" + Format(ByteCount{kMostBytes}) + "\" at once");
}

void ReadTimestamp(Table& table, Craft* craft) {
  static const Words<CraftedTimestamp> words = {
      {"valid", CraftedTimestamp::kValid},
      {"none", CraftedTimestamp::kNone},
      {"old", CraftedTimestamp::kOld}};
  if (const Node* node = table.Find("timestamp")) {
    DecodeWord(*node, table.mistakes(), words, &craft->timestamp);
  }
}

void ReadCount(Table& table, Craft* craft) {
  const Node* node = table.Find("count");
  if (node == nullptr) return;
  std::int64_t count = 1;
  DecodeInteger(*node, table.mistakes(), 1, 1000, &count);
  craft->count = static_cast<std::uint32_t>(count);
}

}  // namespace

Action DecodeCraft(const std::string& host, Table& table, Scene& scene) {
  Craft craft{.sender = host};
  ReadFlags(table, &craft);
  if (table.Read("as", &craft.sender)) scene.CheckHost(*table.Find("as"));
  craft.connection = ReadConnection(craft.sender, table, scene);
  table.ReadRequired("seq", "seq = \"rcv_nxt\"", &craft.seq);
  table.Read("ack", &craft.ack);
  ReadPayload(table, &craft);
  table.Read("window", &craft.window);
  ReadTimestamp(table, &craft);
  ReadCount(table, &craft);
  return craft;
}

Action DecodeDestroy(const std::string& host, Table& table, Scene& scene) {
  Destroy destroy;
  if (!table.Read("destroy", &destroy.connection)) return destroy;
  if (!scene.HasConnection(host, destroy.connection)) {
    const auto known = scene.ConnectionsOf(host);
    scene.mistakes().Add(
        table.Find("destroy")->place,
        host + " has no connection '" + destroy.connection + "'",
        known.empty() ? "an earlier step must make it"
                      : Suggest(destroy.connection, known));
  }
  return destroy;
}

}  // namespace finwait::scenario
