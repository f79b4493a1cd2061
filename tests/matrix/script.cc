// How each state is come to, and each behaviour of the peer is played, with
// the steps of the scenario language.
#include "matrix/script.h"

#include <map>
#include <sstream>

#include "matrix/rules.h"

namespace finwait::matrix {
namespace {

// Ports of the connections; each has its own listener.
constexpr int kFirstPort = 7000;

// Longer than TIME_WAIT, the longest of what ends.
constexpr const char* kPatience = "90s";

// As few retries as give an owner one rung of the ladder more than an orphan,
// and none whose last rung a few milliseconds of the RTO would decide.
constexpr const char* kSysctls = R"(
[sysctl."*"]
"net.ipv4.tcp_orphan_retries" = 1
"net.ipv4.tcp_retries2" = 2
)";

// What may get lost.
constexpr const char* kFin = "flags = \"FIN\"";
constexpr const char* kRst = "flags = \"RST\"";
constexpr const char* kPureAck = "pure_ack = true";

class Script {
 public:
  explicit Script(const Combination& stage)
      : stage_(stage),
        subject_(stage.opener == Side::kSubject ? "client" : "server"),
        peer_(stage.opener == Side::kSubject ? "server" : "client") {
    out_ << "# Written by finwait-matrix; see docs/matrix.md.\n"
         << "title = \"The matrix: " << Name(stage.state) << ", "
         << StageOf(stage) << "\"\n"
         << "topology = \"two-hosts\"\n"
         << "time_limit = \"15min\"\n"
         << kSysctls;
  }

  void Play(const Combination& c) {
    conn_ = NameOf(c);
    const Fate fate = FateOf(c);
    Open(c);
    ComeTo(c.state);
    Settle();
    if (c.state == State::kCloseWait) {
      Behave(fate);
      ActAlone(c, fate);
      if (!fate.Ends() || c.peer != Peer::kIsSilent) AwaitNext(fate);
    } else {
      Act(c, fate);
    }
    later_.emplace_back(c, fate);
  }

  std::string Finish() {
    for (const auto& [c, fate] : later_) AwaitEnd(c, fate);
    for (const auto& [c, fate] : later_) Expect(c, fate);
    ExpectCounters();
    return out_.str();
  }

 private:
  void Step(const std::string& line) { out_ << "[[step]]\n" << line << "\n"; }
  void Do(const std::string& host, const std::string& call) {
    Step(host + " = { " + call + " }");
  }
  void Await(const std::string& host, const std::string& state) {
    Step("wait = { " + host + " = \"" + state + "\", on = \"" + conn_ +
         "\", within = \"" + kPatience + "\" }");
  }
  std::string Of(const std::string& call) const {
    return call + " = \"" + conn_ + "\"";
  }
  void HalfClose(const std::string& host) {
    Do(host, Of("shutdown") + ", how = \"write\"");
  }

  // Path loss of what a host sends like this, until Restore().
  void Lose(const std::string& host, const std::string& what) {
    if (!losing_[host].empty()) return;
    losing_[host] = what;
    Step("drop = { from = \"" + host + ":eth0\", " + what + " }");
  }
  void Restore(const std::string& host) {
    if (losing_[host].empty()) return;
    losing_[host] = "";
    Step("restore = \"" + host + ":eth0\"");
  }

  // What came before must not look as if it had to do with what comes now: a
  // segment is taken for the cause of a change that is 1 ms away.
  void Settle() { Step("wait = { duration = \"15ms\" }"); }

  // The peer's FIN is acknowledged: it has nothing left to send again.
  void AwaitSilence() { Await(peer_, "FIN_WAIT2"); }

  void Open(const Combination& c);
  void SetOptions(const Combination& c);
  void ComeTo(State state);
  void ComeToTimeWait();
  void CrossFins();
  void CrossOnTheWay();
  void ActAlone(const Combination& c, const Fate& fate);
  void Act(const Combination& c, const Fate& fate);
  void Behave(const Fate& fate);
  void Answer(const Fate& fate);
  void Forget();
  void AwaitNext(const Fate& fate);
  void AwaitEnd(const Combination& c, const Fate& fate);
  void Expect(const Combination& c, const Fate& fate);
  void ExpectCounters();

  const Combination stage_;
  const std::string subject_;
  const std::string peer_;
  std::ostringstream out_;
  std::string conn_;  // the one being played
  int connections_ = 0;
  std::map<std::string, std::string> losing_;  // what, by host
  std::vector<std::pair<Combination, Fate>> later_;
};

void Script::Open(const Combination& c) {
  const std::string port = std::to_string(kFirstPort + connections_);
  const std::string listener = "listener" + std::to_string(connections_++);
  Do("server", "listen = " + port + ", as = \"" + listener + "\"");
  Do("client", "connect = \"server:" + port + "\", as = \"" + conn_ + "\"");
  Do("server", Of("accept") + ", from = \"" + listener + "\"");
  SetOptions(c);
}

void Script::SetOptions(const Combination& c) {
  std::string options;
  if (c.linger != Linger::kOff) {
    options = "SO_LINGER = \"" + std::string(Name(c.linger)) + "\"";
  }
  if (c.linger2 != Linger2::kDefault) {
    const std::string value =
        c.linger2 == Linger2::kNegative ? "-1s" : std::string(Name(c.linger2));
    options +=
        (options.empty() ? "" : ", ") + ("TCP_LINGER2 = \"" + value) + "\"";
  }
  if (options.empty()) return;
  Do(subject_, Of("setsockopt") + ", options = { " + options + " }");
}

void Script::ComeTo(State state) {
  switch (state) {
    case State::kFinWait1:
      Lose(subject_, kFin);
      HalfClose(subject_);
      return Await(subject_, "FIN_WAIT1");
    case State::kFinWait2:
      HalfClose(subject_);
      return Await(subject_, "FIN_WAIT2");
    case State::kClosing:
      return CrossFins();
    case State::kCloseWait:
      HalfClose(peer_);
      Await(subject_, "CLOSE_WAIT");
      return AwaitSilence();
    case State::kLastAck:
      ComeTo(State::kCloseWait);
      Lose(subject_, kFin);
      HalfClose(subject_);
      return Await(subject_, "LAST_ACK");
    case State::kTimeWait:
      ComeToTimeWait();
      return Await(subject_, "TIME_WAIT");
  }
}

// A peer that is to do anything more has not been told that its FIN arrived.
void Script::ComeToTimeWait() {
  const bool all_is_said = stage_.peer == Peer::kIsSilent;
  const bool crossed = stage_.first == Side::kPeer;
  if (crossed && all_is_said) {
    CrossFins();
    return Restore(subject_);
  }
  if (!crossed) ComeTo(State::kFinWait2);
  if (!all_is_said) Lose(subject_, kPureAck);
  crossed ? CrossOnTheWay() : HalfClose(peer_);
}

// Neither FIN is lost, nor has seen the other.
void Script::CrossOnTheWay() {
  const std::string ends[] = {subject_ + ":eth0", peer_ + ":eth0"};
  for (const std::string& end : ends) {
    Step("impair = { \"" + end + "\" = { delay = \"50ms\" } }");
  }
  HalfClose(peer_);
  HalfClose(subject_);
  Await(subject_, "TIME_WAIT");
  for (const std::string& end : ends) Step("lift = \"" + end + "\"");
}

// Neither FIN has arrived when the other side closes.
void Script::CrossFins() {
  Lose(subject_, kFin);
  if (stage_.first == Side::kPeer) {
    Lose(peer_, kFin);
    HalfClose(peer_);
    HalfClose(subject_);
    Restore(peer_);
  } else {
    HalfClose(subject_);
    HalfClose(peer_);
  }
  Await(subject_, "CLOSING");
  AwaitSilence();
}

void Script::ActAlone(const Combination& c, const Fate& fate) {
  const std::string fails =
      fate.act_fails.empty() ? "" : ", fails = \"" + fate.act_fails + "\"";
  switch (c.act) {
    case Act::kClose:
      return Do(subject_, Of("close") + ", takes = \"" + fate.act_takes + "\"");
    case Act::kExit:
      return Do(subject_, "exit = true");
    case Act::kKill:
      return Do(subject_, "kill = true");
    case Act::kShutdown:
      return Do(subject_, Of("shutdown") + ", how = \"write\"" + fails);
  }
}

// A close() that blocks until the peer does something cannot be waited for
// before that.
void Script::Act(const Combination& c, const Fate& fate) {
  const bool blocks = fate.act_takes == "at most 1s";
  ActAlone(c, fate);
  if (blocks) out_ << "async = true\n";
  Behave(fate);
  if (blocks) Step("wait = { call = \"" + subject_ + "\" }");
}

void Script::Behave(const Fate& fate) {
  const bool asks =
      stage_.state != State::kFinWait2 && stage_.state != State::kTimeWait;
  switch (stage_.peer) {
    case Peer::kAnswers:
      return Answer(fate);
    case Peer::kIsSilent:
      if (stage_.state == State::kCloseWait) Lose(subject_, kFin);
      return;
    case Peer::kResets:
      Do(peer_, Of("disconnect"));
      AwaitNext(fate);
      return Restore(subject_);
    case Peer::kRestarts:
      Forget();
      Restore(subject_);
      if (asks && stage_.state != State::kCloseWait) AwaitNext(fate);
      return;
  }
}

// The FIN that was lost passes when it is sent again.
void Script::Answer(const Fate& fate) {
  if (stage_.state == State::kCloseWait) return;
  if (stage_.state == State::kFinWait2) {
    Do(peer_, Of("close"));
  } else {
    Restore(subject_);
  }
  if (stage_.state == State::kTimeWait) {
    const bool crossed = stage_.first == Side::kPeer;
    return Await(peer_, crossed ? "TIME_WAIT" : "CLOSED");
  }
  AwaitNext(fate);
}

// Whoever restarts tells nobody.
void Script::Forget() {
  Lose(peer_, kRst);
  Do(peer_, Of("disconnect"));
  Restore(peer_);
  if (stage_.state == State::kCloseWait) Settle();
}

// The state after the one it acted in, so that the next connection does not
// come between. After TIME_WAIT comes nothing but its end.
void Script::AwaitNext(const Fate& fate) {
  if (stage_.state == State::kTimeWait) return;
  for (std::size_t n = 0; n + 1 < fate.path.size(); ++n) {
    if (fate.path[n].state != Name(stage_.state)) continue;
    const std::string& next = fate.path[n + 1].state;
    const bool passing =
        n + 2 < fate.path.size() && fate.path[n + 1].lasts.empty();
    return Await(subject_, passing ? fate.path[n + 2].state : next);
  }
}

void Script::AwaitEnd(const Combination& c, const Fate& fate) {
  conn_ = NameOf(c);
  if (fate.Ends()) Await(subject_, "CLOSED");
  if (fate.send_fails.empty()) return;
  Do(subject_,
     Of("send") + ", data = \"late\", fails = \"" + fate.send_fails + "\"");
}

void Script::Expect(const Combination& c, const Fate& fate) {
  out_ << "[expect." << subject_ << "." << NameOf(c) << "]\n"
       << "path = \"" << (subject_ == "client" ? "SYN_SENT" : "SYN_RECV")
       << " > ESTABLISHED";
  for (const Stay& stay : fate.path) out_ << " > " << stay.state;
  out_ << "\"\n";
  if (fate.Ends()) out_ << "ends = \"" << fate.ends << "\"\n";
  for (const Stay& stay : fate.path) {
    if (stay.lasts.empty() && stay.timer.empty()) continue;
    const std::string lasts =
        stay.lasts.empty() ? "" : "lasts = \"" + stay.lasts + "\"";
    const std::string timer =
        stay.timer.empty() ? "" : "timer = \"" + stay.timer + "\"";
    const char* comma = lasts.empty() || timer.empty() ? "" : ", ";
    out_ << stay.state << " = { " << lasts << comma << timer << " }\n";
  }
  if (c.state == State::kTimeWait) {
    out_ << "packets = [{ sent = \"ACK\", since = \"TIME_WAIT\", count = "
         << fate.acks_in_time_wait << " }]\n";
  }
}

void Script::ExpectCounters() {
  std::map<std::string, int> sums;
  for (const std::string_view name : CountersOfRules()) sums.emplace(name, 0);
  for (const auto& [c, fate] : later_) {
    for (const auto& [name, count] : fate.counters) sums[name] += count;
  }
  out_ << "[expect." << subject_ << ".counters]\n";
  for (const auto& [name, sum] : sums) out_ << name << " = " << sum << "\n";
}

}  // namespace

std::string ScenarioFor(const std::vector<Combination>& combinations) {
  Script script(combinations.front());
  for (const Combination& c : combinations) script.Play(c);
  return script.Finish();
}

}  // namespace finwait::matrix
