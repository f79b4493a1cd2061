#include "gtest/lab_test.h"

#include <stdexcept>

#include "base/error.h"
#include "gtest/saved_packets.h"
#include "netns/user_namespace.h"
#include "report/pcapng.h"
#include "scenario/load.h"

namespace finwait::gtest {
namespace {

std::string Listed(const std::vector<scenario::Diagnostic>& diagnostics) {
  std::string text;
  for (const auto& diagnostic : diagnostics)
    text += ToString(diagnostic) + "\n";
  return text;
}

// "Suite.Test" of the test that runs; with parameters there are slashes in it.
std::string TestName() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return std::string(test->test_suite_name()) + "." + test->name();
}

}  // namespace

std::int64_t Observed::Counter(const std::string& host,
                               const std::string& name) const {
  const auto counters = timeline.counters.find(host);
  if (counters == timeline.counters.end()) return 0;
  const auto counter = counters->second.find(name);
  return counter == counters->second.end() ? 0 : counter->second;
}

void LabTest::SetUp() {
  try {
    netns::EnsurePrivilege();
  } catch (const Unsupported& unsupported) {
    GTEST_SKIP() << unsupported.what();
  }
}

void LabTest::TearDown() {
  if (session_ && WantsPackets()) Finish();
}

void LabTest::Sysctl(const std::string& host, const std::string& name,
                     const std::string& value) {
  scenario::Host& setting = scenario_.topology.hosts.emplace_back();
  setting.name = host;
  setting.sysctls.push_back({name, value, {}});
}

void LabTest::Build(const std::string& name) {
  const auto file =
      std::filesystem::path(FINWAIT_TOPOLOGIES) / (name + ".toml");
  auto loaded = scenario::LoadTopology(file);
  if (!loaded.diagnostics.empty()) {
    throw std::invalid_argument(Listed(loaded.diagnostics));
  }
  Build(std::move(loaded.topology));
}

void LabTest::Build(scenario::Topology topology) {
  const auto settings = std::move(scenario_.topology.hosts);
  scenario_.topology = std::move(topology);
  for (scenario::Host& host : scenario_.topology.hosts) {
    for (const scenario::Host& setting : settings) {
      if (setting.name != host.name) continue;
      host.sysctls.insert(host.sysctls.end(), setting.sysctls.begin(),
                          setting.sysctls.end());
    }
  }
  session_ = std::make_unique<lab::Session>(
      scenario_, lab::RunOptions{.keep_frames = WantsPackets()});
}

void LabTest::Play(const scenario::Step& step) {
  if (!session_) throw std::logic_error("call Build before the first step");
  if (const auto finding = session_->Play(step)) {
    throw std::runtime_error(finding->subject + ": expected " +
                             finding->expected + ", but " + finding->actual);
  }
}

void LabTest::WaitFor(const std::string& host, const std::string& connection,
                      tcp::TcpState state, Duration within) {
  scenario::Step step;
  step.action = scenario::WaitState{host, connection, state};
  step.within = within;
  Play(step);
}

void LabTest::Wait(Duration duration) {
  scenario::Step step;
  step.action = scenario::WaitDuration{duration};
  Play(step);
}

void LabTest::Blackhole(const std::string& end) {
  scenario::Step step;
  step.action = scenario::Blackhole{end};
  Play(step);
}

Observed LabTest::Finish() {
  Observed observed{session_->Finish(), session_->environment()};
  session_.reset();
  if (WantsPackets()) {
    SavePackets(report::PcapngName(TestName()),
                report::Pcapng(observed.timeline, {TestName()},
                               observed.environment.kernel));
  }
  return observed;
}

void Host::Play(scenario::Action action) {
  scenario::Step step;
  step.host = name_;
  step.action = std::move(action);
  step.expected.fails = std::move(fails_);
  fails_.reset();
  test_.Play(step);
}

Host& Host::Failing(const std::string& error) {
  fails_ = error;
  return *this;
}

void Host::Listen(std::uint16_t port, const std::string& as) {
  scenario::Listen listen;
  listen.as = as;
  listen.at.port = port;
  listen.family = test_.family_;
  Play(listen);
}

void Host::Connect(const std::string& host, std::uint16_t port,
                   const std::string& as,
                   scenario::SocketOptionValues options) {
  scenario::Connect connect;
  connect.as = as;
  connect.to.host = host;
  connect.to.port = port;
  connect.family = test_.family_;
  connect.options = std::move(options);
  Play(connect);
}

void Host::Accept(const std::string& as, const std::string& from) {
  Play(scenario::Accept{as, from});
}

void Host::Send(const std::string& socket, const std::string& data) {
  scenario::Send send;
  send.socket = socket;
  send.data = data;
  Play(send);
}

void Host::Receive(const std::string& socket, const std::string& data) {
  scenario::Receive receive;
  receive.socket = socket;
  receive.data = data;
  Play(receive);
}

void Host::ReceiveEndOfFile(const std::string& socket) {
  scenario::Receive receive;
  receive.socket = socket;
  receive.end_of_file = true;
  Play(receive);
}

void Host::Shutdown(const std::string& socket) {
  Play(scenario::Shutdown{socket, scenario::ShutdownHow::kWrite});
}

void Host::Close(const std::string& socket) { Play(scenario::Close{socket}); }

void Host::Disconnect(const std::string& socket) {
  Play(scenario::Disconnect{socket});
}

void Host::Kill() { Play(scenario::KillActor{}); }

}  // namespace finwait::gtest
