// Packets as Wireshark reads them, with what finwait knows about them. Pure:
// bytes out.
#pragma once

#include <string>
#include <vector>

#include "judge/result.h"
#include "tcp/timeline.h"

namespace finwait::report {

// A pcapng file (draft-ietf-opsawg-pcapng) of one section: an interface for
// each end of a link, named "client:eth0", and all frames with their direction
// and wall-clock time in nanoseconds. Transitions and steps are comments on
// the frames around them (frame_comments.h); `comments` and what is not
// complete are comments of the section, `kernel` is its operating system.
std::string Pcapng(const tcp::Timeline& timeline,
                   std::vector<std::string> comments,
                   const std::string& kernel);

// With title, verdict and all that did not come out as expected.
std::string Pcapng(const judge::Result& result);

// "orphan[tcp_fin_timeout=61].pcapng": without a folder, fit for a file name
// whatever the case is called.
std::string PcapngName(const scenario::Scenario& scenario);

// "Suite.Test" to "Suite.Test.pcapng", in the same way.
std::string PcapngName(std::string title);

}  // namespace finwait::report
