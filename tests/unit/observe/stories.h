// What may happen to an endpoint (Linux: net/ipv4/tcp_input.c
// tcp_rcv_state_process(), net/ipv4/tcp.c __tcp_close(),
// net/ipv4/tcp_minisocks.c tcp_timewait_state_process()).
#pragma once

#include <netinet/in.h>

#include <cerrno>

#include "tcp/linux_timing.h"
#include "unit/observe/history.h"

namespace finwait::observe {

inline constexpr std::uint8_t kFinAck = tcp::kFin | tcp::kAck;
inline constexpr std::uint8_t kSynAck = tcp::kSyn | tcp::kAck;
inline constexpr std::uint8_t kRstAck = tcp::kRst | tcp::kAck;

// Writes one history of a whole connection.
class Story {
 public:
  explicit Story(Random& random) : random_(random), world_(random) {}

  History Tell() {
    world_.Wait();
    if (Open()) {
      Talk();
      Close();
    }
    return world_.Take();
  }

 private:
  bool Chance(int one_in) { return OneIn(random_, one_in); }
  // That of TIME_WAIT is always the same, and by default FIN_WAIT2's, too.
  Duration FinTimeout() {
    return Chance(3) ? tcp::kTimeWaitLength
                     : Between(random_, milliseconds(300), milliseconds(2500));
  }

  // ---- how it begins; true if it is open then ----

  bool Open() { return Chance(2) ? OpenAsClient() : OpenAsServer(); }

  bool OpenAsClient() {
    world_.Connects();
    while (Chance(5)) {
      world_.Pass(milliseconds(900), milliseconds(1100));
      world_.SendsAgain(tcp::kSyn);
    }
    world_.Wait();
    if (Chance(12)) return IsRefused();
    if (Chance(12)) return GivesUpConnecting();
    if (Chance(8)) {
      world_.Say("simultaneous open");
      world_.Receives(tcp::kSyn);
      world_.Becomes(TcpState::kSynRecv);
      world_.SendsAgain(kSynAck);
      world_.Wait();
      world_.ReceivesAgain(kSynAck);
    } else {
      world_.Say("connects");
      world_.Receives(kSynAck);
    }
    world_.Becomes(TcpState::kEstablished);
    world_.Sends(tcp::kAck);
    return true;
  }

  bool IsRefused() {
    world_.Say("refused");
    world_.Receives(kRstAck);
    world_.Becomes(TcpState::kClosed, ECONNREFUSED);
    return false;
  }

  bool GivesUpConnecting() {
    world_.Say("gives up connecting");
    world_.Becomes(TcpState::kClosed, ETIMEDOUT);
    return false;
  }

  bool OpenAsServer() {
    world_.Say("accepts");
    world_.Receives(tcp::kSyn);
    world_.ArmsAs(TcpState::kSynRecv, seconds(1));
    world_.Sends(kSynAck);
    Duration timeout = seconds(1);
    while (Chance(6)) {
      world_.Fires();
      world_.SendsAgain(kSynAck);
      timeout = std::min<Duration>(timeout * 2, seconds(4));
      world_.ArmsAs(TcpState::kSynRecv, timeout);
    }
    if (Chance(15)) {
      world_.Say("but no ACK comes");
      world_.Fires();
      world_.Changes(TcpState::kClosed);
      return false;
    }
    world_.Wait();
    if (Chance(15)) {
      world_.Say("but a RST comes");
      world_.Receives(tcp::kRst);
      world_.Stops();
      world_.Changes(TcpState::kClosed);
      return false;
    }
    world_.Receives(tcp::kAck);
    world_.Stops();
    world_.Becomes(TcpState::kEstablished);
    return true;
  }

  void Talk() {
    while (Chance(2)) {
      world_.Wait();
      if (Chance(2)) {
        world_.Receives(tcp::kAck, 100);
        world_.Sends(tcp::kAck);
      } else {
        world_.Sends(tcp::kAck, 100);
        world_.Wait();
        world_.Receives(tcp::kAck);
      }
    }
    world_.Wait();
  }

  // ---- how it ends ----

  void Close() {
    switch (random_() % 8) {
      case 0:
        return Reset();
      case 1:
        return world_.Say("stays open");
      case 2:
      case 3:
        return ClosePassively();
      default:
        return CloseActively();
    }
  }

  void Reset() {
    if (Chance(2)) {
      world_.Say("is reset");
      world_.Receives(tcp::kRst);
      world_.Becomes(TcpState::kClosed, ECONNRESET);
    } else if (Chance(2)) {
      world_.Say("resets");
      world_.Becomes(TcpState::kClosed);
      world_.Sends(kRstAck);
    } else {
      world_.Say("is aborted");  // tcp_abort(): first the RST
      world_.Sends(kRstAck);
      world_.Pass(microseconds(1), microseconds(10));
      world_.Becomes(TcpState::kClosed, ECONNABORTED);
    }
  }

  void GivesUp() {
    world_.Say("retransmission gives up");
    world_.Becomes(TcpState::kClosed, ETIMEDOUT);
  }

  void RepeatsFin() {
    while (Chance(5)) {
      world_.Pass(milliseconds(200), milliseconds(500));
      world_.SendsAgain(kFinAck);
    }
    world_.Wait();
  }

  void ClosePassively() {
    world_.Say("closes second");
    if (Chance(5)) world_.ReceivesInVain(kFinAck);
    world_.Receives(kFinAck);
    world_.Becomes(TcpState::kCloseWait);
    world_.Sends(tcp::kAck);
    world_.Wait();
    if (Chance(8)) return Reset();
    world_.Becomes(TcpState::kLastAck);
    world_.Sends(kFinAck);
    RepeatsFin();
    if (Chance(6)) return GivesUp();
    if (Chance(8)) return Reset();
    world_.Receives(tcp::kAck);
    world_.Becomes(TcpState::kClosed);
  }

  void CloseActively() {
    world_.Say("closes first");
    const bool closed = Chance(8);
    if (closed) world_.Receives(tcp::kAck, World::WindowOf::kClosed);
    world_.Becomes(TcpState::kFinWait1);
    if (closed) {
      world_.Wait();
      world_.Receives(tcp::kAck, World::WindowOf::kOpen);
    }
    world_.Sends(kFinAck);
    RepeatsFin();
    switch (random_() % 8) {
      case 0:
        return Reset();
      case 1:
        return GivesUp();
      case 2:
        return CloseSimultaneously();
      case 3:
        world_.Say("FIN and ACK in one");
        world_.Receives(kFinAck);
        world_.Becomes(TcpState::kFinWait2);
        world_.LeavesMinisock(TcpState::kTimeWait, tcp::kTimeWaitLength);
        world_.Sends(tcp::kAck);
        return EndTimeWait();
      case 4:
      case 5:
        return HalfClose();
      default:
        return Orphan();
    }
  }

  void CloseSimultaneously() {
    world_.Say("simultaneously");
    world_.ReceivesBefore(kFinAck);
    world_.Becomes(TcpState::kClosing);
    world_.Sends(tcp::kAck);
    world_.Wait();
    if (Chance(8)) return GivesUp();
    world_.Receives(tcp::kAck);
    world_.LeavesMinisock(TcpState::kTimeWait, tcp::kTimeWaitLength);
    EndTimeWait();
  }

  // FIN_WAIT2 with a descriptor.
  void HalfClose() {
    world_.Say("half");
    if (Chance(6)) world_.ReceivesInVain(tcp::kAck);
    world_.Receives(tcp::kAck);
    world_.Becomes(TcpState::kFinWait2);
    world_.Wait();
    if (Chance(8)) return Reset();
    if (Chance(3)) {
      world_.Say("then wholly");
      world_.LeavesMinisock(TcpState::kFinWait2, FinTimeout());
      return EndFinWait2();
    }
    if (Chance(5)) world_.ReceivesInVain(kFinAck);
    world_.Receives(kFinAck);
    world_.LeavesMinisock(TcpState::kTimeWait, tcp::kTimeWaitLength);
    world_.Sends(tcp::kAck);
    EndTimeWait();
  }

  void Orphan() {
    world_.Say("as an orphan");
    world_.Receives(tcp::kAck);
    world_.Becomes(TcpState::kFinWait2);
    world_.LeavesMinisock(TcpState::kFinWait2, FinTimeout());
    EndFinWait2();
  }

  // Of a minisock.
  void EndFinWait2() {
    if (Chance(3)) return Expires();
    world_.Wait();
    if (Chance(6)) return Dies(/*by_rst=*/true);
    if (Chance(6)) return Dies(/*by_rst=*/false);
    world_.Say("FIN");
    world_.Receives(kFinAck);
    world_.Rearms(TcpState::kTimeWait, tcp::kTimeWaitLength);
    world_.Sends(tcp::kAck);
    EndTimeWait();
  }

  void EndTimeWait() {
    while (Chance(6)) {
      world_.Wait();
      world_.ReceivesAgain(kFinAck);
      world_.Rearms(TcpState::kTimeWait, tcp::kTimeWaitLength);
      world_.Sends(tcp::kAck);
    }
    if (Chance(10)) {
      world_.Wait();
      return Dies(/*by_rst=*/true);
    }
    if (Chance(6)) return world_.Say("the run ends");
    Expires();
  }

  void Expires() {
    world_.Say("timer");
    world_.Fires();
    world_.Changes(TcpState::kClosed);
  }

  void Dies(bool by_rst) {
    world_.Say(by_rst ? "dies of a RST" : "answers data with a RST");
    world_.Receives(by_rst ? tcp::kRst : tcp::kAck, by_rst ? 0 : 10);
    if (!by_rst) world_.Sends(tcp::kRst);
    world_.Stops();
    world_.Changes(TcpState::kClosed);
  }

  Random& random_;
  World world_;
};

}  // namespace finwait::observe
