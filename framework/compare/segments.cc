// Tells segments that make a connection from those that fill it.
#include "compare/segments.h"

#include <cstdint>
#include <optional>

#include "compare/resolution.h"
#include "tcp/sequence.h"

namespace finwait::compare {
namespace {

using tcp::Packet;

constexpr int kConnects = tcp::kSyn | tcp::kFin | tcp::kRst;

// How far one direction has come.
class Progress {
 public:
  // Begins the packet before what was already sent? A keepalive probe does.
  bool Repeats(const Packet& packet) {
    if (packet.flags & tcp::kRst) return false;  // stands outside
    const std::uint32_t end = tcp::EndOf(packet);
    const bool repeats = end_ && tcp::After(*end_, packet.seq);
    if (!end_ || tcp::After(end, *end_)) end_ = end;
    return repeats;
  }

 private:
  std::optional<std::uint32_t> end_;
};

bool Connects(const Passage& passage) {
  return (passage.segment.flags & kConnects) != 0;
}

// So many that how they were cut and repeated is a matter of luck.
bool IsBulk(const tcp::EndpointTimeline& endpoint) {
  constexpr std::size_t kFew = 64;
  return endpoint.packets_not_kept > 0 || endpoint.packets.size() > kFew;
}

}  // namespace

std::vector<Passage> PassagesOf(const tcp::EndpointTimeline& endpoint) {
  std::vector<Passage> passages;
  Progress sent;
  Progress received;
  for (const Packet& packet : endpoint.packets) {
    Progress& progress = packet.sent ? sent : received;
    const auto flags = static_cast<std::uint8_t>(packet.flags & ~tcp::kPsh);
    passages.push_back({packet.at,
                        {.sent = packet.sent,
                         .flags = flags,
                         .again = progress.Repeats(packet)},
                        packet.length > 0});
  }
  return passages;
}

std::vector<Segment> SegmentsOf(const tcp::EndpointTimeline& endpoint,
                                const std::vector<Passage>& passages) {
  const bool bulk = IsBulk(endpoint);
  std::vector<Segment> segments;
  std::optional<TimePoint> listed;
  std::optional<TimePoint> last_sent;
  std::optional<TimePoint> last_received;
  for (const Passage& passage : passages) {
    auto& last = passage.segment.sent ? last_sent : last_received;
    const TimePoint same_way = last.value_or(passage.at);
    last = passage.at;
    const bool again = passage.segment.again && !bulk;
    if (!Connects(passage) && !again) continue;
    Segment& segment = segments.emplace_back(passage.segment);
    segment.after =
        Rounded(passage.at - (again ? same_way : listed.value_or(passage.at)));
    listed = passage.at;
  }
  return segments;
}

std::map<std::string, Count> TotalsOf(const tcp::EndpointTimeline& endpoint,
                                      const std::vector<Passage>& passages) {
  std::map<std::string, Count> totals;
  if (IsBulk(endpoint)) return totals;
  for (const Passage& passage : passages) {
    if (Connects(passage) || passage.segment.again) continue;
    const std::string way = passage.segment.sent ? "sent " : "received ";
    ++totals[way + (passage.data ? "data" : "ACK")].value;
  }
  return totals;
}

std::string KindOf(const Segment& segment) {
  return (segment.sent ? "sent " : "received ") +
         tcp::FlagNames(segment.flags) + (segment.again ? " again" : "");
}

}  // namespace finwait::compare
