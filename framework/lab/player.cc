#include "lab/player.h"

#include <algorithm>
#include <array>
#include <memory>

#include "base/error.h"
#include "lab/call_result.h"
#include "lab/step_failure.h"
#include "netns/sysctl.h"

namespace finwait::lab {
namespace {

using observe::Endpoints;
using tcp::EndpointTimeline;
using tcp::TcpState;

// The last endpoint of that name: a name may be used again.
const EndpointTimeline* FindLast(const Endpoints& endpoints,
                                 const std::string& host,
                                 const std::string& connection) {
  const auto found = std::find_if(
      endpoints.rbegin(), endpoints.rend(), [&](const EndpointTimeline& e) {
        return e.host == host && e.connection == connection;
      });
  return found == endpoints.rend() ? nullptr : &*found;
}

bool Entered(const EndpointTimeline& endpoint, TcpState state) {
  return std::any_of(endpoint.transitions.begin(), endpoint.transitions.end(),
                     [&](const tcp::Transition& t) { return t.to == state; });
}

bool Within(const scenario::CountBound& bound, std::int64_t count) {
  return bound.min <= count && count <= bound.max;
}

// All states but CLOSE; a bit each, as sock_diag wants them. A dump of bit 12
// (TCP_NEW_SYN_RECV) adds request sockets.
constexpr std::uint32_t kAllStates = 0x1f7e;

// Counting walks the whole table of sockets. What changes in a burst is counted
// once, and what no event tells ever more seldom, the longer it takes.
constexpr Duration kBurst = std::chrono::milliseconds(1);
constexpr Duration kRecount = std::chrono::milliseconds(20);
constexpr int kRecountShare = 16;  // of the time waited so far

std::string SocketsIn(TcpState state, std::optional<bool> orphan) {
  const std::string whose =
      !orphan ? "" : (*orphan ? " without a process" : " with a process");
  return " sockets in " + std::string(Name(state)) + whose;
}

}  // namespace

Player::Player(Lab& lab, observe::Observer& observer, Programs& programs,
               Sockets& sockets, Crafter& crafter, OnStep on_step)
    : lab_(lab),
      observer_(observer),
      programs_(programs),
      sockets_(sockets),
      crafter_(crafter),
      on_step_(std::move(on_step)) {}

std::optional<judge::Finding> Player::Play(const scenario::Step& step,
                                           tcp::Timeline& timeline) {
  Begin(step, timeline);
  try {
    While(ToString(step.place) + ": " + record_->text, [&] { PlayStep(); });
    if (record_->end == TimePoint()) record_->end = MonotonicClock::now();
    return std::nullopt;
  } catch (const StepFailure& failure) {
    record_->end = MonotonicClock::now();
    return FindingOf(failure);
  }
}

std::optional<judge::Finding> Player::Settle(Duration limit,
                                             tcp::Timeline& timeline) {
  if (timeline.steps.empty()) return std::nullopt;
  try {
    sockets_.CollectAll(MonotonicClock::now() + limit);
    return std::nullopt;
  } catch (const StepFailure& failure) {
    return FindingOf(failure);
  }
}

void Player::Begin(const scenario::Step& step, tcp::Timeline& timeline) {
  timeline_ = &timeline;
  step_ = step;
  record_ = &timeline.steps.emplace_back();
  record_->number = static_cast<int>(timeline.steps.size());
  record_->host = step.host;
  record_->text = Describe(step);
  record_->begin = MonotonicClock::now();
  if (on_step_) on_step_(*record_);
}

void Player::PlayStep() {
  std::visit([&](const auto& action) { Do(action); }, step_.action);
}

judge::Finding Player::FindingOf(const StepFailure& failure) const {
  judge::Finding finding;
  finding.verdict = judge::Verdict::kFail;
  finding.place = step_.place;
  finding.subject =
      "step " + std::to_string(record_->number) + ": " + record_->text;
  finding.expected = failure.expected;
  finding.actual = failure.actual;
  finding.host = step_.host;
  finding.around = record_->end;
  return finding;
}

TimePoint Player::Deadline() const {
  return MonotonicClock::now() + step_.within;
}

template <typename SocketCall>
void Player::Do(const SocketCall&) {
  sockets_.Play(step_, *record_);
}

void Player::Do(const scenario::Craft& action) {
  Conclude(crafter_.Send(step_.host, action), "sendto");
}

void Player::Do(const scenario::Destroy& action) {
  Conclude(crafter_.Destroy(step_.host, action), "SOCK_DESTROY");
}

void Player::Conclude(const process::CallReturn& result,
                      const std::string& what) {
  record_->begin = result.begin;
  record_->end = result.end;
  Compare(step_, result, what);
  CompareDuration(step_, result.end - result.begin);
}

void Player::Do(const scenario::StartProgram& action) {
  programs_.Start(step_.host, action);
}

void Player::Do(const scenario::SignalProgram& action) {
  programs_.Signal(action.name, action.signal);
}

void Player::Do(const scenario::RestartProgram& action) {
  programs_.Restart(action.name);
}

void Player::Do(const scenario::WriteInput& action) {
  programs_.WriteInput(action.name, action.text);
}

void Player::Do(const scenario::WriteSysctl& action) {
  std::vector<netns::SysctlSetting> settings;
  for (const scenario::SysctlValue& sysctl : action.values) {
    settings.push_back({sysctl.name, sysctl.value});
  }
  netns::WriteSysctls(lab_.In(step_.host), settings);
}

void Player::Do(const scenario::Impair& action) {
  observer_.ExpectQueue(lab_.topology().FindEnd(action.end)->host);
  lab_.Impair(action.end, action.impairment);
}

void Player::Do(const scenario::SetLink& action) {
  lab_.SetLink(action.end, action.up);
}

void Player::Do(const scenario::Drop& action) { lab_.Drop(action); }

void Player::Do(const scenario::Blackhole& action) {
  lab_.Blackhole(action.end);
}

void Player::Do(const scenario::Restore& action) { lab_.Restore(action.end); }

void Player::WaitUntil(std::function<bool(const Endpoints&)> condition,
                       const std::string& expected,
                       const std::function<std::string()>& actual) {
  const FileDescriptor reached = observer_.When(std::move(condition));
  if (programs_.Wait(
          reached.get(), [] { return false; }, Deadline()))
    return;
  throw StepFailure{expected + " within " + Format(step_.within), actual()};
}

std::string Player::StateOf(const std::string& host,
                            const std::string& connection) const {
  std::string text = host + " " + connection + " was never seen";
  observer_.Inspect([&](const Endpoints& endpoints) {
    const auto* endpoint = FindLast(endpoints, host, connection);
    if (endpoint == nullptr) return;
    text =
        host + " " + connection + " is " + std::string(Name(endpoint->state()));
    if (endpoint->transitions.empty()) return;
    const Duration since =
        MonotonicClock::now() - endpoint->transitions.back().at;
    text += " since " + Format(since);
  });
  return text;
}

void Player::Do(const scenario::WaitState& action) {
  WaitUntil(
      [action](const Endpoints& endpoints) {
        const auto* endpoint =
            FindLast(endpoints, action.host, action.connection);
        return endpoint != nullptr && Entered(*endpoint, action.state);
      },
      action.host + " " + action.connection + " reaches " +
          std::string(Name(action.state)),
      [&] { return StateOf(action.host, action.connection); });
}

void Player::Do(const scenario::WaitPacket& action) {
  const auto count = [action](const Endpoints& endpoints) {
    const auto* endpoint = FindLast(endpoints, action.host, action.connection);
    if (endpoint == nullptr) return std::ptrdiff_t{0};
    return std::count_if(endpoint->packets.begin(), endpoint->packets.end(),
                         [&](const tcp::Packet& p) {
                           return p.sent == action.sent &&
                                  (p.flags & action.flags) == action.flags;
                         });
  };
  WaitUntil([=](const Endpoints& e) { return count(e) >= action.count; },
            action.host + " " + (action.sent ? "sends " : "receives ") +
                tcp::FlagNames(action.flags) + " for the " +
                std::to_string(action.count) + ". time",
            [&] {
              std::ptrdiff_t seen = 0;
              observer_.Inspect([&](const Endpoints& e) { seen = count(e); });
              return "seen " + std::to_string(seen) + " times";
            });
}

void Player::Do(const scenario::WaitSockets& action) {
  const TimePoint deadline = Deadline();
  while (true) {
    // Ask to be told of changes first, count then: none is missed. The
    // condition is asked once at once and then after every change.
    const auto asked = std::make_shared<int>(0);
    const FileDescriptor change =
        observer_.When([asked](const Endpoints&) { return (*asked)++ > 0; });
    const int count = Count(action.host, action.state, action.orphan);
    if (Within(action.count, count)) return observer_.Settle();
    if (MonotonicClock::now() >= deadline) {
      throw StepFailure{Describe(action.count) +
                            SocketsIn(action.state, action.orphan) + " on " +
                            action.host + " within " + Format(step_.within),
                        "there are " + std::to_string(count) + CensusText()};
    }
    // accept() gives a socket a process without any event.
    const TimePoint counted = MonotonicClock::now();
    const Duration waited = counted - record_->begin;
    const TimePoint recount =
        counted + std::max<Duration>(kRecount, waited / kRecountShare);
    const auto never = [] { return false; };
    programs_.Wait(change.get(), never,
                   action.orphan ? std::min(deadline, recount) : deadline);
    programs_.Wait(-1, never, std::min(deadline, counted + kBurst));
  }
}

void Player::Do(const scenario::WaitDuration& action) {
  programs_.Wait(
      -1, [] { return false; }, MonotonicClock::now() + action.duration);
}

void Player::Do(const scenario::WaitEnd& action) {
  programs_.WaitEnd(action.program, Deadline());
}

void Player::Do(const scenario::WaitOutput& action) {
  programs_.WaitOutput(action.program, action.text, Deadline());
}

void Player::Do(const scenario::WaitCall& action) {
  sockets_.Collect(action.host, Deadline());
}

void Player::Do(const scenario::CountSockets& action) {
  const int count = Count(action.host, action.state, action.orphan);
  observer_.Settle();
  if (Within(action.count, count)) return;
  throw StepFailure{Describe(action.count) +
                        SocketsIn(action.state, action.orphan) + " on " +
                        action.host,
                    "there are " + std::to_string(count) + CensusText()};
}

std::string Player::CensusText() const {
  std::string text;
  for (const tcp::SocketCount& of : timeline_->censuses.back().counts) {
    text += (text.empty() ? "; in all " : ", ") + std::to_string(of.total) +
            " in " + std::string(Name(of.state)) + " (" +
            std::to_string(of.without_process) + " without a process)";
  }
  return text;
}

int Player::Count(const std::string& host, TcpState state,
                  std::optional<bool> orphan) {
  const TimePoint now = MonotonicClock::now();
  std::array<tcp::SocketCount, 13> counts{};
  int count = 0;
  for (const auto& entry : lab_.Diag(host).Dump(kAllStates, false)) {
    const bool without_process = entry.facts.inode == 0;
    auto& of_state = counts[static_cast<std::size_t>(entry.facts.state)];
    of_state.state = entry.facts.state;
    ++of_state.total;
    of_state.without_process += without_process ? 1 : 0;
    if (entry.facts.state == state &&
        orphan.value_or(without_process) == without_process) {
      ++count;
    }
  }
  // A wait asks many times; the timeline keeps the last answer of a step.
  auto& censuses = timeline_->censuses;
  if (!censuses.empty() && censuses.back().at >= record_->begin) {
    censuses.pop_back();
  }
  tcp::Census& census = censuses.emplace_back();
  census.at = now;
  census.host = host;
  std::copy_if(counts.begin(), counts.end(), std::back_inserter(census.counts),
               [](const tcp::SocketCount& c) { return c.total > 0; });
  return count;
}

}  // namespace finwait::lab
