// The bytes of an IP packet that carries one TCP segment. Pure. Internal to
// lab/.
#pragma once

#include <string>

#include "observe/segment.h"

namespace finwait::lab {

// IPv4 (RFC 791) or IPv6 (RFC 8200) without options; TCP (RFC 9293 section
// 3.1) with the timestamps of the segment's packet, if it has any, and `data`.
// Checksums are right but IPv4's own, which the kernel fills in (raw(7)).
std::string RawPacket(const observe::Segment& segment, const std::string& data);

}  // namespace finwait::lab
