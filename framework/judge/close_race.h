// A race inside the kernel that changes what the end of a close() looks like.
// Pure.
#pragma once

#include <string>

#include "judge/judge.h"
#include "tcp/timeline.h"

namespace finwait::judge {

// An ACK of the FIN that comes while close() is about to let go of the socket
// is handled by that call itself. The orphan, which was to become a timewait
// minisock for tcp_fin_time(), stays a full socket with a keepalive timer for
// as long, and sends RST|ACK at its end (Linux: net/ipv4/tcp_input.c
// tcp_rcv_state_process(), "Bad case"). It happens to one orphan in some ten
// thousand, and nothing a test does can keep it from happening.
//
// Tells of the first endpoint that it happened to, e.g. "server conn: the ACK
// of its FIN came at 5.1ms, while close() still had the socket, ..."; empty if
// none. Judged by tcp_fin_timeout as it stood at the start.
std::string CloseRace(const tcp::Timeline& timeline,
                      const Environment& environment);

}  // namespace finwait::judge
