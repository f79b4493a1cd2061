// What looks at the socket say of the states that segments proposed: the part
// of EndpointTracker that evaluates them.
#include <algorithm>

#include "observe/endpoint_tracker.h"
#include "tcp/linux_timing.h"

namespace finwait::observe {
namespace {

using tcp::Sample;
using tcp::TcpState;
using tcp::Transition;

bool SameKind(const Sample& a, const Sample& b) {
  if (a.facts.has_value() != b.facts.has_value()) return false;
  if (!a.facts) return true;
  return a.facts->state == b.facts->state && a.facts->timer == b.facts->timer &&
         (a.facts->inode == 0) == (b.facts->inode == 0) &&
         a.facts->info.has_value() == b.facts->info.has_value();
}

std::string GivenUpBy(tcp::TimerKind timer) {
  switch (timer) {
    case tcp::TimerKind::kTimewait:
      return "timewait timer";
    case tcp::TimerKind::kRetransmit:
      return "retransmission gave up";
    case tcp::TimerKind::kKeepalive:
      return "keepalive timer";
    case tcp::TimerKind::kPersist:
      return "window probes gave up";
    case tcp::TimerKind::kOff:
      return "no segment";
  }
  return "no segment";
}

// A timer's handler has taken the timer off and will send something, give up or
// arm it again (Linux: net/ipv4/tcp_timer.c tcp_write_timer_handler()): nothing
// else leaves segments on their way without a timer.
bool IsAmidTimer(const Sample& look) {
  if (!look.facts || !look.facts->info) return false;
  return look.facts->timer == tcp::TimerKind::kOff &&
         look.facts->state != TcpState::kListen &&
         look.facts->info->unacked > 0;
}

// A timer may be armed again for later, but never fires before it was to.
bool MayHaveFired(const Sample& look, TimePoint latest) {
  return look.before + look.facts->expires <= latest + tcp::kLongestJiffy;
}

}  // namespace

Duration EndpointTracker::PauseBefore(int doubt) {
  using std::chrono::microseconds;
  static constexpr Duration kPauses[] = {microseconds(50), microseconds(500),
                                         microseconds(4000),
                                         microseconds(15000)};
  return kPauses[std::clamp(doubt, 0, kDoubts - 1)];
}

EndpointTracker::Answer EndpointTracker::OnSample(const Sample& look) {
  if (Precedes(look)) return Answer::kTooEarly;
  if ((IsAmidTimer(look) || IsStillThere(look)) && ++doubts_ < kDoubts) {
    return Answer::kTooEarly;
  }
  if (replaced_ && !look.facts && !missing_) {
    missing_ = look;
    return Answer::kTooEarly;
  }
  const bool settled = pending_.empty() && !replaced_;
  if (replaced_) Resolve(look);
  const TcpState seen = StateOf(look);
  if (SupposesCloseWait() &&
      (seen == TcpState::kFinWait1 || seen == TcpState::kClosing)) {
    Cross(look.after, "close() or shutdown()");
  }
  std::size_t agrees = pending_.size() + 1;  // pending transitions that agree
  for (std::size_t n = 0; n <= pending_.size(); ++n) {
    // A segment causes nothing before it comes.
    if (n > 0 && pending_[n - 1].earliest > look.after) break;
    if (StateAfter(n) == seen) agrees = n;
  }
  if (IsTooEarly(look, agrees)) return Answer::kTooEarly;
  // A socket found missing twice was gone the first time, unless a minisock
  // was about to take its place just then.
  Sample sample = look;
  const bool gone = settled && missing_ && !look.facts &&
                    missing_->before > since() + kReceivePath;
  if (gone) sample.after = missing_->after;
  missing_.reset();
  doubts_ = 0;
  // Only a socket in that state sends such a segment, however soon it died.
  const std::size_t sent = seen == TcpState::kClosed ? PendingSent() : 0;
  if (agrees <= pending_.size() && agrees >= sent) {
    Confirm(agrees, sample);
    evidence_ = std::max(evidence_, sample.before);
  } else {
    Insert(seen, sample);
  }
  if (!sample.facts) SharpenEnd();
  Keep(sample);
  return Answer::kAgrees;
}

// The full socket that the kernel told the end of. What follows is a minisock,
// or nothing.
bool EndpointTracker::IsStillThere(const Sample& look) const {
  return replaced_ && look.facts && !look.facts->minisock();
}

// The kernel has not processed the segment yet, or is replacing the socket by
// a minisock, between whose two moments a look finds nothing (Linux:
// net/ipv4/inet_timewait_sock.c inet_twsk_hashdance_schedule()).
bool EndpointTracker::IsTooEarly(const Sample& sample, std::size_t agrees) {
  if (agrees < pending_.size()) {
    doubted_ = sample.before;
    return ++doubts_ < kDoubts;
  }
  const bool vanished = !sample.facts && agrees > pending_.size();
  if (!vanished || missing_) return false;
  missing_ = sample;
  return true;
}

bool EndpointTracker::IsReceipt(const Transition& transition) {
  return transition.cause.starts_with("received");
}

// The n-th pending transition comes before the one after it, which need not
// be at once when its segment passed: the same segment may have caused both.
TimePoint EndpointTracker::LatestOfNext(std::size_t n,
                                        const Sample& sample) const {
  if (n + 1 >= pending_.size()) return sample.after;
  return IsReceipt(pending_[n + 1]) ? LatestReceipt(n + 1, sample)
                                    : pending_[n + 1].latest;
}

// What the n-th pending transition's segment caused has happened by then.
TimePoint EndpointTracker::LatestReceipt(std::size_t n,
                                         const Sample& sample) const {
  const TimePoint at = pending_[n].at;
  const TimePoint next = LatestOfNext(n, sample);
  const bool contradicted = doubted_ && *doubted_ > at + kReceivePath;
  const TimePoint path = contradicted ? sample.after : at + kReceivePath;
  return std::max(at, std::min({next, sample.after, path}));
}

// Confirms the first `count` pending transitions and forgets the rest: the
// sample shows the state after them.
void EndpointTracker::Confirm(std::size_t count, const Sample& sample) {
  for (std::size_t n = 0; n < count; ++n) {
    Transition& transition = pending_[n];
    if (IsReceipt(transition)) {
      transition.latest = LatestReceipt(n, sample);
    }
    confirmed_.push_back(std::move(transition));
  }
  pending_.clear();
}

void EndpointTracker::Miss(TcpState from, TcpState to) {
  hole_ = "states between " + std::string(Name(from)) + " and " +
          std::string(Name(to)) + " were not observed";
}

// How many of them a segment of this endpoint's own proves. A SYN|ACK alone
// proves nothing: one with a cookie is sent by no socket (Linux:
// net/ipv4/tcp_input.c tcp_conn_request()).
std::size_t EndpointTracker::PendingSent() const {
  std::size_t count = pending_.size();
  while (count > 0 && !pending_[count - 1].cause.starts_with("sent")) --count;
  const bool cookie =
      count == 1 && blank() && pending_.front().to == TcpState::kSynRecv;
  return cookie ? 0 : count;
}

// The sample shows a state that no segment announced: a call without a
// segment (yet), a timer, an abort.
void EndpointTracker::Insert(TcpState seen, const Sample& sample) {
  std::size_t keep = pending_.size();
  while (keep > 0 && !tcp::IsLegalTransition(StateAfter(keep), seen)) --keep;
  const TcpState from = StateAfter(keep);
  const bool first = confirmed_.empty() && keep == 0;
  if (!first && !tcp::IsLegalTransition(from, seen)) {
    Miss(from, seen);
  }
  Confirm(keep, sample);
  // Made of its cookie, and so accepted, too.
  const bool cookie = first && sent_ && seen == TcpState::kEstablished;
  if (cookie) Append(from, TcpState::kSynRecv, sample);
  Append(cookie ? TcpState::kSynRecv : from, seen, sample);
}

void EndpointTracker::Append(TcpState from, TcpState to, const Sample& sample) {
  std::string cause = CauseOf(to, sample.after);
  const TimePoint known = std::min(evidence_, sample.after);
  // The kernel may have told when its timer will fire and not that it did.
  const bool forecast =
      minisock_ && slot_ && cause == GivenUpBy(tcp::TimerKind::kTimewait);
  const TimePoint earliest =
      forecast ? std::clamp(*slot_ - tcp::kLongestJiffy, known, sample.after)
               : known;
  // A death lies between the look that saw the socket and this one; other
  // states are seen by a look right after the call that caused them.
  const TimePoint at = to == TcpState::kClosed
                           ? earliest + (sample.after - earliest) / 2
                           : sample.before;
  confirmed_.push_back({.from = from,
                        .to = to,
                        .at = std::max(at, earliest),
                        .earliest = earliest,
                        .latest = sample.after,
                        .source = tcp::Source::kDiag,
                        .cause = std::move(cause)});
  evidence_ = std::max(evidence_, sample.before);
}

// What a look or an event tells of a state that the socket has by `latest`.
std::string EndpointTracker::CauseOf(TcpState to, TimePoint latest) const {
  if (to != TcpState::kClosed) return "seen by sock_diag";
  for (auto last = samples_.rbegin(); last != samples_.rend(); ++last) {
    if (!last->facts) continue;
    if (!MayHaveFired(*last, latest)) break;
    return GivenUpBy(last->facts->timer);
  }
  return "no segment";
}

// Keeps the first and the last sample of every stretch that looks alike.
void EndpointTracker::Keep(const Sample& sample) {
  const std::size_t n = samples_.size();
  if (n >= 2 && SameKind(samples_[n - 1], sample) &&
      SameKind(samples_[n - 2], sample)) {
    samples_.back() = sample;
  } else {
    samples_.push_back(sample);
  }
}

void EndpointTracker::ForgetOldLooks() {
  constexpr std::ptrdiff_t kKept = 8;
  if (samples_.size() <= 4 * kKept) return;
  const auto owned = [](const Sample& sample) {
    return sample.facts && sample.facts->inode != 0;
  };
  const auto last =
      std::find_if(samples_.rbegin() + kKept, samples_.rend(), owned);
  std::vector<Sample> kept;
  if (last != samples_.rend()) kept.push_back(*last);
  kept.insert(kept.end(), samples_.end() - kKept, samples_.end());
  samples_ = std::move(kept);
}

}  // namespace finwait::observe
