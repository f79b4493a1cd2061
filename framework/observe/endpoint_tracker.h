// From segments, kernel events and looks to the states of one endpoint. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/event_source.h"
#include "tcp/timeline.h"

namespace finwait::observe {

// Reconstructs the path of one endpoint of one connection.
//
// A segment is only a hypothesis about the state: a received one may still be
// dropped behind the capture point (a packet filter, a bad checksum, an
// accept queue that is full), or be refused by TCP. A look at the socket is
// the truth, but sees nothing of states shorter than the time between two
// looks. So segments propose transitions and looks confirm them, or roll them
// back; a state that a look finds and no segment proposed is inserted.
//
// Segments and samples must come in the order of their times. Plain value
// semantics; one thread at a time.
class EndpointTracker {
 public:
  // `origin` is when observation began: nothing was there before.
  explicit EndpointTracker(TimePoint origin) : evidence_(origin) {}

  // For a socket that was there before observation began, in this state.
  EndpointTracker(TimePoint origin, tcp::TcpState initial)
      : initial_(initial), evidence_(origin) {}

  // True if the socket should be looked at now: its state may have changed,
  // or a timer of it has fired.
  bool OnPacket(const tcp::Packet& packet);

  // True if the socket should be looked at now.
  bool OnEvent(const Event& event);

  // What this endpoint sends may wait in a queue (netem) before the capture
  // sees it: no longer does a segment tell when it was sent, only that it was.
  void ExpectQueue() { queued_ = true; }

  // A call on the socket began at `at`: whatever it changes, it changes after.
  void OnCall(TimePoint at);

  // Drops all looks but the latest ones and the last that found an owner.
  void ForgetOldLooks();

  // What a look means for the next one.
  enum class Answer {
    kAgrees,    // nothing is in doubt
    kTooEarly,  // the kernel may be in the middle of the change: look again
                // shortly
  };
  Answer OnSample(const tcp::Sample& sample);

  // Transitions that are certain, in order.
  const std::vector<tcp::Transition>& transitions() const { return confirmed_; }
  const std::vector<tcp::Sample>& samples() const { return samples_; }
  const std::vector<tcp::TimerRecord>& timers() const { return timers_; }
  tcp::TcpState state() const;
  // When it came to that, at best; long ago if it was so from the beginning.
  TimePoint since() const;
  // The state with the unconfirmed transitions taken into account.
  tcp::TcpState supposed() const;
  // Has a segment proposed, or a look suggested, what no look has confirmed?
  bool in_doubt() const {
    return !pending_.empty() || missing_.has_value() || replaced_.has_value() ||
           doubts_ > 0;
  }
  // The socket came and went.
  bool finished() const;
  // Nothing is known of a socket yet.
  bool blank() const {
    return initial_ == tcp::TcpState::kClosed && confirmed_.empty();
  }
  // When the minisock's timer will fire, if the kernel has told.
  std::optional<TimePoint> slot() const { return slot_; }
  // Did the last transition come before that?
  bool ended_before(TimePoint at) const {
    return finished() && confirmed_.back().at < at;
  }
  // Does this SYN, which the host sent, prove that the socket is gone, although
  // only segments say so yet?
  bool IsOverBy(const tcp::Packet& syn) const;
  // Then all that segments proposed has happened, and the end, too.
  void EndBy(const tcp::Packet& syn);
  // Why the path is not to be trusted; empty if it is.
  const std::string& hole() const { return hole_; }

  // How many looks in a row may contradict a segment before they are
  // believed, and the pause before each (kernel receive processing takes
  // microseconds, milliseconds when the machine is loaded).
  static constexpr int kDoubts = 4;
  static Duration PauseBefore(int doubt);
  int doubts() const { return doubts_; }

 private:
  // A received segment passes the capture in the softirq that then hands it to
  // TCP, which waits for the socket's lock at most. This bounds that path,
  // where no look says otherwise.
  static constexpr Duration kReceivePath = std::chrono::milliseconds(1);

  void OnTransition(const Event& event);
  void OnTimer(const Event& event);
  void OnArmed(const Event& event);
  void Enter(const Event& event);
  bool MayBeLate(const Event& event, TimePoint since) const;
  void OnFired(const Event& event);
  void Assert(tcp::TcpState from, tcp::TcpState to, const Event& event);
  bool Refine(tcp::TcpState from, tcp::TcpState to, const Event& event);
  bool ConfirmBy(tcp::TcpState from, tcp::TcpState to, const Event& event);
  void Bridge(tcp::TcpState from, const Event& event);
  std::string CauseOf(tcp::TcpState from, tcp::TcpState to,
                      const Event& event) const;
  void Explain(const tcp::Packet& packet);
  bool Precedes(const tcp::Sample& sample);
  void Resolve(const tcp::Sample& sample);
  void SharpenEnd();
  bool IsStillThere(const tcp::Sample& look) const;
  bool IsTooEarly(const tcp::Sample& sample, std::size_t agrees);
  void OnSent(const tcp::Packet& packet);
  void OnReceived(const tcp::Packet& packet);
  bool IsRepetition(const tcp::Packet& packet) const;
  void Suppose(tcp::TcpState to, const tcp::Packet& packet,
               std::string_view cause);
  TimePoint EarliestSend(TimePoint sent) const;
  void BoundSynRecv();
  bool SupposesCloseWait() const;
  bool PeersFinCrosses(const tcp::Packet& fin) const;
  void Cross(TimePoint latest, std::string_view cause);
  static bool IsReceipt(const tcp::Transition& transition);
  TimePoint LatestOfNext(std::size_t n, const tcp::Sample& sample) const;
  TimePoint LatestReceipt(std::size_t n, const tcp::Sample& sample) const;
  void Confirm(std::size_t count, const tcp::Sample& sample);
  std::size_t PendingSent() const;
  void Miss(tcp::TcpState from, tcp::TcpState to);
  void Insert(tcp::TcpState seen, const tcp::Sample& sample);
  void Append(tcp::TcpState from, tcp::TcpState to, const tcp::Sample& sample);
  std::string CauseOf(tcp::TcpState to, TimePoint latest) const;
  void Keep(const tcp::Sample& sample);
  tcp::TcpState StateAfter(std::size_t pending) const;

  tcp::TcpState initial_ = tcp::TcpState::kClosed;
  std::vector<tcp::Transition> confirmed_;
  std::vector<tcp::Transition> pending_;
  std::vector<tcp::Sample> samples_;
  std::vector<tcp::TimerRecord> timers_;
  std::string hole_;
  int doubts_ = 0;
  // The first look of a row that found nothing where a socket should be.
  std::optional<tcp::Sample> missing_;
  std::optional<TimePoint> doubted_;  // a look that contradicted pending_
  // When the full socket ended in a state that a minisock may go on with, as
  // long as nobody has told whether one does.
  std::optional<Event> replaced_;
  bool told_ = false;                 // the kernel tells of this socket
  bool minisock_ = false;             // the kernel told of its birth
  std::optional<TimePoint> slot_;     // the end of its timer's slot
  std::optional<TimePoint> stopped_;  // a timer ended, and no other began
  bool unexplained_ = false;  // a segment may tell the last cause better
  // The last moment at which the supposed state is known to have held.
  TimePoint evidence_;
  // Sequence space. `sent_` and `received_` are the next expected numbers.
  std::optional<std::uint32_t> sent_;
  std::optional<std::uint32_t> syn_;  // the number of our own SYN
  std::optional<std::uint32_t> acknowledged_;
  std::optional<std::uint32_t> fin_end_;
  std::optional<std::uint32_t> peer_fin_end_;  // of its last FIN
  TimePoint before_peer_fin_;  // evidence_ before it, when that was received
  bool queued_ = false;
  bool window_closed_ = false;  // since before the last segment that was sent
  // When the first SYN for this still closed endpoint came, and how many did.
  std::optional<TimePoint> first_syn_;
  int syns_ = 0;
};

}  // namespace finwait::observe
