#include "lab/sequence_space.h"

#include "tcp/sequence.h"

namespace finwait::lab {
namespace {

using tcp::After;
using tcp::EndOf;
using tcp::EndpointTimeline;
using tcp::Packet;
using Number = std::optional<std::uint32_t>;

// An acknowledgment is not delayed for longer (Linux: include/net/tcp.h
// TCP_DELACK_MAX).
constexpr Duration kDelayedAckAtMost = std::chrono::milliseconds(200);

bool Has(const Packet& packet, std::uint8_t flag) {
  return (packet.flags & flag) != 0;
}

void Raise(Number& number, std::uint32_t to) {
  if (!number || After(to, *number)) number = to;
}

// Of two offers to scale the window, the sender's own, or none (RFC 7323
// section 2.2).
int ScaleOf(const EndpointTimeline& endpoint) {
  std::optional<int> own;
  bool others = false;
  for (const Packet& packet : endpoint.packets) {
    if (!packet.window_scale) continue;
    if (packet.sent) own = *packet.window_scale;
    others = others || !packet.sent;
  }
  return others ? own.value_or(0) : 0;
}

void TakeSent(SequenceSpace& space, const Packet& packet, int scale) {
  if (Has(packet, tcp::kSyn)) space.iss = packet.seq;
  Raise(space.snd_nxt, EndOf(packet));
  if (!Has(packet, tcp::kAck)) return;
  const int shift = Has(packet, tcp::kSyn) ? 0 : scale;
  Raise(space.rcv_nxt, packet.ack);
  Raise(space.window, packet.ack + (packet.window << shift));
}

void TakeReceived(SequenceSpace& space, const Packet& packet, TimePoint now) {
  if (Has(packet, tcp::kSyn) && !space.irs) space.irs = packet.seq;
  if (Has(packet, tcp::kAck) && space.snd_nxt &&
      !After(packet.ack, *space.snd_nxt)) {
    Raise(space.snd_una, packet.ack);
  }
  const bool next = space.rcv_nxt && !After(packet.seq, *space.rcv_nxt);
  if (next && packet.at + kDelayedAckAtMost > now) {
    Raise(space.rcv_nxt, EndOf(packet));
  }
}

// Resets may carry any number, and move none.
template <typename Take>
void ForEach(const EndpointTimeline& endpoint, const Take& take) {
  for (const Packet& packet : endpoint.packets) {
    if (!Has(packet, tcp::kRst)) take(packet);
  }
}

}  // namespace

SequenceSpace SpaceOf(const EndpointTimeline& endpoint, TimePoint now) {
  SequenceSpace space;
  const int scale = ScaleOf(endpoint);
  ForEach(endpoint, [&](const Packet& packet) {
    if (packet.sent) {
      TakeSent(space, packet, scale);
    } else {
      TakeReceived(space, packet, now);
    }
  });
  if (!space.snd_una) space.snd_una = space.iss;
  return space;
}

Number NumberIn(const SequenceSpace& space,
                const scenario::SequenceNumber& number) {
  using Base = scenario::SequenceNumber::Base;
  const auto base = [&]() -> Number {
    switch (number.base) {
      case Base::kIss:
        return space.iss;
      case Base::kIrs:
        return space.irs;
      case Base::kSndUna:
        return space.snd_una;
      case Base::kSndNxt:
        return space.snd_nxt;
      case Base::kRcvNxt:
        return space.rcv_nxt;
      case Base::kWindow:
        return space.window;
      case Base::kZero:
        break;
    }
    return 0;
  }();
  if (!base) return std::nullopt;
  return *base + static_cast<std::uint32_t>(number.offset);
}

std::optional<tcp::Timestamps> TimestampsTo(const EndpointTimeline& endpoint) {
  Number received;
  Number sent;
  bool in_use = false;
  ForEach(endpoint, [&](const Packet& packet) {
    if (!packet.timestamps) return;
    Raise(packet.sent ? sent : received, packet.timestamps->value);
    const bool offer = Has(packet, tcp::kSyn) && !Has(packet, tcp::kAck);
    in_use = in_use || (packet.sent && !offer);
  });
  if (!in_use) return std::nullopt;
  return tcp::Timestamps{received.value_or(0), sent.value_or(0)};
}

std::uint16_t WindowTo(const EndpointTimeline& endpoint) {
  std::uint32_t window = 0;
  ForEach(endpoint, [&](const Packet& packet) {
    if (!packet.sent && !Has(packet, tcp::kSyn)) window = packet.window;
  });
  return static_cast<std::uint16_t>(window);
}

}  // namespace finwait::lab
