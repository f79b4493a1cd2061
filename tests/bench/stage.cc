#include "stage.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "netns/sysctl.h"
#include "scenario/load.h"

namespace finwait::bench {
namespace {

constexpr int kBatch = 1000;
// What fits into the queues of HeldFrames.
constexpr int kCrossingBatch = 50;

// Of the client, where ports are to be used again, and how many at once.
constexpr char kFewPorts[] = "40000\t40499";
constexpr int kReuseBatch = 200;

const char* const kHosts[] = {"client", "server"};

lab::Lab MakeLab(int fin_timeout) {
  const std::filesystem::path folder = FINWAIT_TOPOLOGIES;
  lab::Lab lab(scenario::LoadTopology(folder / "two-hosts.toml").topology);
  for (const char* host : kHosts) {
    netns::WriteSysctls(
        lab.In(host),
        {{"net.ipv4.tcp_fin_timeout", std::to_string(fin_timeout)},
         // Beyond it there is no TIME_WAIT.
         {"net.ipv4.tcp_max_tw_buckets", "200000"}});
  }
  return lab;
}

// As a condition of an observer: endpoints end but do not come back, so those
// that have ended are not looked at again.
std::function<bool(const observe::Endpoints&)> AllEnded(std::string host) {
  return [host = std::move(host),
          ended = std::size_t{0}](const observe::Endpoints& all) mutable {
    while (ended < all.size() &&
           (all[ended].host != host ||
            all[ended].state() == tcp::TcpState::kClosed)) {
      ++ended;
    }
    return ended == all.size();
  };
}

void Await(observe::Observer& observer, const std::string& host) {
  const FileDescriptor ended = observer.When(AllEnded(host));
  pollfd event{ended.get(), POLLIN, 0};
  while (poll(&event, 1, -1) < 0 && errno == EINTR) {
  }
}

}  // namespace

Stage::Stage(const StageOptions& options)
    : lab_(MakeLab(options.fin_timeout)),
      ground_(lab::PrepareGround(options.kernel_events)),
      sandbox_(std::move(ground_.cgroup)),
      observer_(std::make_unique<observe::Observer>(
          lab_.Vantages(),
          observe::Observer::Options{
              .sources = lab::SourcesOf(ground_, sandbox_.cgroup(), lab_)})),
      frames_(lab_) {
  if (options.plain_too) {
    plain_ = std::make_unique<observe::Observer>(lab_.Vantages(),
                                                 observe::Observer::Options{});
  }
  for (const char* host : kHosts) sandbox_.Register(lab_.In(host));
  generator_ = std::make_unique<Generator>(sandbox_, lab_.In("client"),
                                           lab_.In("server"));
  before_ = Count();
}

std::map<std::string, observe::Counters> Stage::Count() const {
  std::map<std::string, observe::Counters> counters;
  for (const char* host : kHosts) {
    counters[host] = observe::CounterFiles(lab_.In(host)).Read();
  }
  return counters;
}

// Returns when the observers have read what waited in their rings.
void Stage::CatchUp() {
  observer_->Inspect([](const observe::Endpoints&) {});
  if (plain_) plain_->Inspect([](const observe::Endpoints&) {});
}

void Stage::Cross(int connections) {
  for (const char* host : kHosts) {
    observer_->ExpectQueue(host);
    if (plain_) plain_->ExpectQueue(host);
  }
  for (int left = connections; left > 0; left -= kCrossingBatch) {
    generator_->Do(Action::kOpen, std::min(left, kCrossingBatch));
    frames_.Hold();
    generator_->Do(Action::kCloseBoth);
    frames_.Release();
    CatchUp();
  }
}

void Stage::MakeOrphans(int connections) {
  generator_->Do(Action::kOpen, connections);
  generator_->Do(Action::kOrphanClients);
  CatchUp();
}

void Stage::Play(Way way, int connections) {
  if (way == Way::kSimultaneous) return Cross(connections);
  if (way == Way::kReuse) {
    netns::WriteSysctl(lab_.In("client"), "net.ipv4.ip_local_port_range",
                       kFewPorts);
  }
  const int most = way == Way::kReuse ? kReuseBatch : kBatch;
  for (int left = connections; left > 0; left -= most) {
    const int batch = std::min(left, most);
    if (way == Way::kOrphan) {
      MakeOrphans(batch);
      AwaitEnd("client");
      generator_->Do(Action::kCloseServers);
    } else {
      generator_->Do(Action::kOpen, batch);
      generator_->Do(way == Way::kReset    ? Action::kReset
                     : way == Way::kActive ? Action::kCloseClientFirst
                                           : Action::kCloseServerFirst);
    }
    CatchUp();
  }
}

void Stage::AwaitEnd(const std::string& host) {
  Await(*observer_, host);
  if (plain_) Await(*plain_, host);
}

Run Stage::Finish() {
  Run run;
  run.seen = observer_->Finish();
  if (plain_) run.plain = plain_->Finish();
  for (const auto& [host, after] : Count()) {
    run.counters[host] = observe::Difference(before_[host], after);
  }
  return run;
}

}  // namespace finwait::bench
