// A GoogleTest fixture for people who prefer code to TOML.
//
//   class FinWait2 : public finwait::gtest::LabTest {};
//
//   TEST_F(FinWait2, OfAnOrphanLastsTcpFinTimeout) {
//     Sysctl("client", "net.ipv4.tcp_fin_timeout", "3");
//     Build("two-hosts");
//     On("server").Listen(7000);
//     On("client").Connect("server", 7000, "conn");
//     On("server").Accept("conn");
//     On("client").Close("conn");
//     WaitFor("client", "conn", TcpState::kClosed, 5s);
//     const Observed run = Finish();
//     EXPECT_THAT(run.At("client", "conn"),
//                 Stays(TcpState::kFinWait2, "tcp_fin_timeout"));
//   }
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/priority.h"
#include "judge/judge.h"
#include "lab/session.h"
#include "scenario/scenario.h"
#include "tcp/timeline.h"

namespace finwait::gtest {

// One endpoint with what durations are judged by: what the matchers of
// matchers.h take. Refers into the Observed it came from.
struct ObservedEndpoint {
  const tcp::Timeline* timeline = nullptr;
  const judge::Environment* environment = nullptr;
  std::string host;
  std::string connection;
};

// What a test observed. A value; the network is gone.
struct Observed {
  tcp::Timeline timeline;
  judge::Environment environment;

  ObservedEndpoint At(const std::string& host,
                      const std::string& connection) const {
    return {&timeline, &environment, host, connection};
  }
  // The difference of an nstat(8) counter over the test; 0 if it did not move.
  std::int64_t Counter(const std::string& host, const std::string& name) const;
};

class LabTest;

// The calls of one host. Each plays one step and fails the test at once (by
// an exception that GoogleTest reports) if the call does not succeed.
class Host {
 public:
  void Listen(std::uint16_t port, const std::string& as = "listener");
  void Connect(const std::string& host, std::uint16_t port,
               const std::string& as,
               scenario::SocketOptionValues options = {});
  void Accept(const std::string& as, const std::string& from = "listener");
  void Send(const std::string& socket, const std::string& data);
  void Receive(const std::string& socket, const std::string& data);
  void ReceiveEndOfFile(const std::string& socket);
  void Shutdown(const std::string& socket);  // the sending half
  void Close(const std::string& socket);
  void Disconnect(const std::string& socket);  // RFC 9293's ABORT
  // SIGKILL to the process that holds this host's sockets.
  void Kill();
  // The same call, expected to fail with that errno ("EPIPE").
  Host& Failing(const std::string& error);

 private:
  friend class LabTest;
  Host(LabTest& test, std::string name) : test_(test), name_(std::move(name)) {}
  void Play(scenario::Action action);

  LabTest& test_;
  std::string name_;
  std::optional<std::string> fails_;
};

// Owns a network and the session in it; both go with the test. Without
// privilege it makes a user namespace; where that is forbidden, or the kernel
// lacks something, the test is skipped with the reason. One thread.
//
// With FINWAIT_PCAPNG=FOLDER in the environment every test, passed or not,
// saves its packets there as Suite.Test.pcapng, for Wireshark.
class LabTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;  // saves the packets of a test that gave up

  // Before Build: a sysctl of one host.
  void Sysctl(const std::string& host, const std::string& name,
              const std::string& value);
  // Before Build: IPv4 unless said otherwise.
  void UseFamily(tcp::Family family) { family_ = family; }

  // Builds a topology of topologies/ by name, or a given one.
  void Build(const std::string& name);
  void Build(scenario::Topology topology);

  Host On(const std::string& host) { return {*this, host}; }

  void WaitFor(const std::string& host, const std::string& connection,
               tcp::TcpState state, Duration within);
  void Wait(Duration duration);

  // From now on everything that leaves through `end` is lost on the way, as
  // "client:eth0".
  void Blackhole(const std::string& end);

  // Any other step of a scenario.
  void Play(const scenario::Step& step);

  // Ends the observation.
  Observed Finish();

  lab::Lab& lab() { return session_->lab(); }

 private:
  friend class Host;
  const Ahead ahead_;  // or its steps would wait for other programs
  scenario::Scenario scenario_;
  tcp::Family family_ = tcp::Family::kIpv4;
  std::unique_ptr<lab::Session> session_;
};

}  // namespace finwait::gtest
