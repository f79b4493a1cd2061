// Expectations on segments and on TCP_INFO.
#include "scenario/decode_packet.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "scenario/quantity.h"
#include "scenario/table.h"

namespace finwait::scenario {
namespace {

void ReadWhich(Table& table, PacketExpectation* packet) {
  if (const Node* way = table.OneOf({"sent", "received", "any"})) {
    FlagSet flags;
    Decode(*way, table.mistakes(), &flags);
    packet->flags = flags.bits;
    if (way->key != "any") packet->sent = way->key == "sent";
  }
  table.Read("payload", &packet->payload);
  table.Read("during", &packet->during);
  table.Read("after", &packet->after);
  table.Read("since", &packet->since);
}

void ReadNumber(Table& table, PacketExpectation* packet) {
  const Node* number = table.Find("number");
  if (number == nullptr) return;
  std::int64_t value = 1;
  DecodeInteger(*number, table.mistakes(), 1, INT32_MAX, &value);
  packet->number = static_cast<int>(value);
  if (table.Has("at")) return;
  table.mistakes().Add(number->key_place, "'number' stands without 'at'",
                       "write when it passes: at = \"204ms\"");
}

void ReadAt(Table& table, PacketExpectation* packet) {
  const Node* at = table.Find("at");
  if (at == nullptr) return;
  DecodeLength(*at, table.mistakes(), &packet->at.emplace());
  if (table.Has("since")) return;
  table.mistakes().Add(at->key_place, "'at' stands without 'since'",
                       "write the state from whose begin it is reckoned: "
                       "since = \"FIN_WAIT1\"");
}

void ReadGaps(Table& table, PacketExpectation* packet) {
  const Node* gaps = table.Find("gaps");
  if (gaps == nullptr) return;
  const char* example = "write an array, [\"204ms\", \"at least 400ms\"]";
  if (!gaps->is(Node::Kind::kArray)) {
    WrongType(*gaps, table.mistakes(), example);
    return;
  }
  if (gaps->children.empty()) {
    table.mistakes().Add(gaps->place, "'gaps' is empty", example);
  }
  for (const Node& child : gaps->children) {
    Node gap = child;
    gap.key = "gaps";
    DecodeLength(gap, table.mistakes(), &packet->gaps.emplace_back());
  }
}

}  // namespace

PacketExpectation DecodePacket(const Node& node, Mistakes& mistakes) {
  PacketExpectation packet{.place = node.place};
  Table table(node, "packet expectation", mistakes);
  ReadWhich(table, &packet);
  ReadNumber(table, &packet);
  ReadAt(table, &packet);
  ReadGaps(table, &packet);
  // As many as it takes for what is said of them.
  packet.count.min = std::max<std::int64_t>(
      packet.number, static_cast<std::int64_t>(packet.gaps.size()) + 1);
  table.Read("count", &packet.count);
  table.Close();
  return packet;
}

void DecodeInfo(const Node& node, Mistakes& mistakes,
                std::vector<InfoExpectation>* info) {
  Table table(node, "info", mistakes);
  // In microseconds, as tcp_info has them.
  for (std::string_view field : {"rto", "rtt", "rttvar"}) {
    const Node* value = table.Find(field);
    if (value == nullptr) continue;
    InfoExpectation item{std::string(field), {}, value->key_place};
    DecodeDurationBound(*value, mistakes, std::chrono::microseconds(1),
                        &item.value);
    info->push_back(item);
  }
  for (std::string_view field :
       {"retransmits", "probes", "backoff", "unacked", "snd_cwnd", "snd_mss",
        "total_retrans", "bytes_acked", "bytes_received", "segs_out",
        "segs_in"}) {
    InfoExpectation item{std::string(field), {}, {}};
    if (!table.Read(field, &item.value)) continue;
    item.place = table.Find(field)->key_place;
    info->push_back(item);
  }
  table.Close();
}

}  // namespace finwait::scenario
