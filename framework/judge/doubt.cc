// Tells starved looks and lost events.
#include "judge/doubt.h"

#include <chrono>

#include "judge/wording.h"
#include "tcp/linux_timing.h"

namespace finwait::judge {

Duration StarvedFrom(int hz) {
  return tcp::Jiffy(hz) + std::chrono::milliseconds(1);
}

bool IsStarved(const tcp::Sample& sample, int hz) {
  return sample.late > StarvedFrom(hz);
}

std::string StarvedText(const tcp::Sample& sample, TimePoint begin) {
  return "the observer itself was kept waiting " + Format(sample.late) +
         " before the look at " + Since(begin, sample.before);
}

const tcp::Sample* StarvedLookAt(const tcp::Transition& transition,
                                 const tcp::EndpointTimeline& endpoint,
                                 int hz) {
  for (const tcp::Sample& sample : endpoint.samples) {
    const bool bounds =
        sample.before <= transition.latest && transition.latest <= sample.after;
    if (bounds && IsStarved(sample, hz)) return &sample;
  }
  return nullptr;
}

std::string LossText(const tcp::Timeline& timeline) {
  std::string text;
  const auto add = [&](const std::string& loss) {
    text += (text.empty() ? "" : ", ") + loss;
  };
  for (const tcp::SourceRecord& source : timeline.sources) {
    // The capture's own number, below, is that of packets.
    const bool capture = source.name == tcp::Name(tcp::Source::kPacket);
    if (source.lost == 0 || (capture && timeline.packets_dropped > 0)) continue;
    add(source.name + " lost " + std::to_string(source.lost) + " of " +
        std::to_string(source.events + source.lost) + " events");
  }
  if (timeline.packets_dropped > 0) {
    add("the capture lost " + std::to_string(timeline.packets_dropped) +
        " packets");
  }
  return text;
}

std::string Also(const std::string& text) {
  return text.empty() ? "" : "; " + text;
}

}  // namespace finwait::judge
