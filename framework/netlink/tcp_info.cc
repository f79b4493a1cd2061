// Where each of our fields is in struct tcp_info. A file of its own, as
// libnl includes <netinet/tcp.h>, whose tcp_info is older and cannot be
// included with the kernel's.
#include <linux/tcp.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "netlink/diag_message.h"

namespace finwait::netlink {

tcp::TcpInfo DecodeTcpInfo(const void* bytes, std::size_t size) {
  tcp_info info{};
  std::memcpy(&info, bytes, std::min(size, sizeof(info)));
  using std::chrono::microseconds;
  return {.rto = microseconds(info.tcpi_rto),
          .rtt = microseconds(info.tcpi_rtt),
          .rttvar = microseconds(info.tcpi_rttvar),
          .retransmits = info.tcpi_retransmits,
          .probes = info.tcpi_probes,
          .backoff = info.tcpi_backoff,
          .unacked = info.tcpi_unacked,
          .snd_cwnd = info.tcpi_snd_cwnd,
          .snd_mss = info.tcpi_snd_mss,
          .total_retrans = info.tcpi_total_retrans,
          .bytes_acked = info.tcpi_bytes_acked,
          .bytes_received = info.tcpi_bytes_received,
          .segs_out = info.tcpi_segs_out,
          .segs_in = info.tcpi_segs_in};
}

}  // namespace finwait::netlink
