// Finds the orphans that the race kept.
#include "judge/close_race.h"

#include <algorithm>
#include <vector>

#include "judge/duration.h"
#include "judge/stay.h"
#include "judge/wording.h"

namespace finwait::judge {
namespace {

using tcp::EndpointTimeline;
using tcp::TcpState;

// From the beginning: above 60 s an orphan is a full socket at first.
bool BelongsInMinisock(const EndpointTimeline& endpoint,
                       const Environment& environment) {
  const SpanValue whole =
      Evaluate({.duration = std::nullopt, .formula = "tcp_fin_timeout"},
               endpoint, environment);
  return !whole.unknown && whole.chain.stages.size() == 1;
}

bool IsMinisock(const tcp::Sample* look) { return look->facts->minisock(); }

bool IsKeptOrphan(const tcp::Sample* look) {
  return look->facts->inode == 0 &&
         look->facts->timer == tcp::TimerKind::kKeepalive;
}

// The FIN_WAIT2 that it was kept in, or null.
const Stay* KeptIn(const std::vector<Stay>& stays,
                   const EndpointTimeline& endpoint) {
  const auto kept = std::ranges::find_if(stays, [&](const Stay& stay) {
    if (stay.state != TcpState::kFinWait2 || !stay.entry) return false;
    const auto looks = SamplesIn(stay, endpoint);
    return std::ranges::any_of(looks, IsKeptOrphan) &&
           std::ranges::none_of(looks, IsMinisock);
  });
  return kept == stays.end() ? nullptr : &*kept;
}

}  // namespace

std::string CloseRace(const tcp::Timeline& timeline,
                      const Environment& environment) {
  for (const EndpointTimeline& endpoint : timeline.endpoints) {
    const std::vector<Stay> stays = StaysOf(endpoint);
    const Stay* kept = KeptIn(stays, endpoint);
    if (!kept || !BelongsInMinisock(endpoint, environment)) continue;
    return endpoint.host + " " + endpoint.connection +
           ": the ACK of its FIN came at " +
           Since(timeline.begin, kept->entry->at) +
           ", while close() still had the socket, and the kernel kept the "
           "orphan as a full socket with a keepalive timer";
  }
  return "";
}

}  // namespace finwait::judge
