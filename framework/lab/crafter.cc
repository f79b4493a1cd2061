#include "lab/crafter.h"

#include <functional>
#include <optional>

#include "lab/call_data.h"
#include "lab/raw_packet.h"
#include "lab/sequence_space.h"
#include "lab/step_failure.h"

namespace finwait::lab {
namespace {

using observe::Segment;
using process::Call;
using process::CallReturn;
using tcp::EndpointTimeline;

// By how much an old timestamp is below the latest: more than the replay that
// Linux forgives (net/ipv4/tcp_input.c tcp_disordered_ack(): one RTO), and less
// than 24 days in any unit. In milliseconds.
constexpr std::uint32_t kOld = 1'000'000;

// The last that matches: names and addresses are used again.
std::optional<EndpointTimeline> FindLast(
    observe::Observer& observer,
    const std::function<bool(const EndpointTimeline&)>& matches) {
  std::optional<EndpointTimeline> found;
  observer.Settle();
  observer.Inspect([&](const observe::Endpoints& endpoints) {
    for (const EndpointTimeline& endpoint : endpoints) {
      if (matches(endpoint)) found = endpoint;
    }
  });
  return found;
}

std::uint32_t Resolve(const SequenceSpace& space,
                      const scenario::SequenceNumber& number,
                      const std::string& host) {
  const auto resolved = NumberIn(space, number);
  if (resolved) return *resolved;
  throw StepFailure{Describe(number) + " of " + host + " is known",
                    "no segment has told it yet"};
}

// With the acknowledgment that a TCP would send.
std::uint32_t AckOf(const scenario::Craft& craft, const SequenceSpace& space,
                    const std::string& host) {
  if (craft.ack) return Resolve(space, *craft.ack, host);
  if ((craft.flags & tcp::kAck) == 0) return 0;
  return Resolve(space, {scenario::SequenceNumber::Base::kSndNxt, 0}, host);
}

std::optional<tcp::Timestamps> TimestampsOf(const scenario::Craft& craft,
                                            const EndpointTimeline& receiver) {
  using scenario::CraftedTimestamp;
  if (craft.timestamp == CraftedTimestamp::kNone) return std::nullopt;
  auto timestamps = TimestampsTo(receiver);
  if (craft.timestamp == CraftedTimestamp::kValid) return timestamps;
  if (!timestamps) {
    throw StepFailure{"the connection uses timestamps", "it does not"};
  }
  timestamps->value -= kOld;
  return timestamps;
}

Segment SegmentTo(const EndpointTimeline& receiver,
                  const scenario::Craft& craft, const std::string& data) {
  const SequenceSpace space = SpaceOf(receiver, MonotonicClock::now());
  return {.source = receiver.tuple.remote,
          .destination = receiver.tuple.local,
          .packet = {.flags = craft.flags,
                     .seq = Resolve(space, craft.seq, receiver.host),
                     .ack = AckOf(craft, space, receiver.host),
                     .window = craft.window.value_or(WindowTo(receiver)),
                     .length = static_cast<std::uint32_t>(data.size()),
                     .timestamps = TimestampsOf(craft, receiver)}};
}

}  // namespace

Crafter::Crafter(Lab& lab, process::Sandbox& sandbox,
                 observe::Observer& observer)
    : lab_(lab), sandbox_(sandbox), observer_(observer) {}

CallReturn Crafter::Send(const std::string& host,
                         const scenario::Craft& craft) {
  const EndpointTimeline receiver =
      FarEndOf(Seen(craft.sender, craft.connection));
  const std::string data =
      craft.data.empty() ? Pattern(craft.bytes) : craft.data;
  const Segment segment = SegmentTo(receiver, craft, data);
  Call call{.kind = Call::Kind::kSendPacket};
  // A port would be another protocol to an IPv6 raw socket.
  SetAddress(call, {segment.destination.ip, 0});
  call.data = RawPacket(segment, data);
  CallReturn last;
  for (std::uint32_t n = 0; n < craft.count; ++n) {
    if (host == craft.sender) observer_.ExpectCrafted(host, segment);
    last = ActorOf(host).Do(call);
    if (last.value < 0) break;
  }
  return last;
}

CallReturn Crafter::Destroy(const std::string& host,
                            const scenario::Destroy& destroy) {
  const EndpointTimeline target = Seen(host, destroy.connection);
  netlink::SockDiag& diag = lab_.Diag(host);
  const tcp::Sample now = diag.Look(target.tuple, /*with_info=*/false);
  if (!now.facts) {
    throw StepFailure{host + " has a socket of " + destroy.connection,
                      "it is gone"};
  }
  CallReturn result;
  result.begin = MonotonicClock::now();
  result.error = diag.TryDestroy(target.tuple, now.facts->cookie);
  result.end = MonotonicClock::now();
  result.value = result.error == 0 ? 0 : -1;
  observer_.Look(host, target.tuple, destroy.connection, result.begin);
  return result;
}

EndpointTimeline Crafter::Seen(const std::string& host,
                               const std::string& connection) const {
  const auto seen = FindLast(observer_, [&](const EndpointTimeline& endpoint) {
    return endpoint.host == host && endpoint.connection == connection;
  });
  if (seen) return *seen;
  throw StepFailure{host + " has a connection " + connection,
                    "no segment of it was seen"};
}

EndpointTimeline Crafter::FarEndOf(const EndpointTimeline& near) const {
  const tcp::FourTuple tuple = Reversed(near.tuple);
  const auto far = FindLast(observer_, [&](const EndpointTimeline& endpoint) {
    return endpoint.tuple == tuple;
  });
  if (!far) {
    throw StepFailure{"the far end of " + near.connection + " is known",
                      "no segment of it was seen there"};
  }
  if (far->packets_not_kept == 0) return *far;
  throw StepFailure{
      "all segments of " + near.connection + " are known",
      std::to_string(far->packets_not_kept) + " were too many to be kept"};
}

process::Actor& Crafter::ActorOf(const std::string& host) {
  const auto found = actors_.find(host);
  if (found != actors_.end()) return found->second;
  return actors_.emplace(host, process::Actor(sandbox_, lab_.In(host), host))
      .first->second;
}

}  // namespace finwait::lab
