// Expectations and evidence said in words. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/expectation.h"
#include "tcp/timeline.h"

namespace finwait::judge {

std::string Describe(const scenario::Span& span);    // "5s"
std::string Describe(const scenario::Lasts& lasts);  // "at most 5s"
std::string Describe(const scenario::PacketExpectation& packet);  // "no RST"
std::string_view Name(scenario::Ending ending);                   // "silently"
std::string_view Name(tcp::TimerKind timer);                      // "timewait"

std::string Ordinal(int n);  // "2nd"

// sk_shutdown: "shut down for sending".
std::string ShutdownText(std::uint8_t shutdown);

// "A > [B] > C" with the element numbered `marked` (from 0) in brackets; one
// past the end is "A > B > C > [nothing]".
std::string PathText(const std::vector<tcp::TcpState>& path,
                     std::optional<std::size_t> marked = std::nullopt);

// A time of the run, as printed everywhere: since its begin.
std::string Since(TimePoint begin, TimePoint at);

// "sent FIN|ACK at 5.132s"
std::string Describe(const tcp::Packet& packet, TimePoint begin);

}  // namespace finwait::judge
