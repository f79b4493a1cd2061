// Actors: the calls they make, when, and with what.
#include "process/actor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <signal.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/error.h"
#include "loopback.h"

namespace finwait::process {
namespace {

class ActorTest : public testing::Test {
 protected:
  // A connection's two descriptors, in the two actors.
  struct Ends {
    int client;
    int server;
  };

  Ends Connect() {
    const Listener listener = Listen(server_);
    const int client = Socket(client_);
    client_.Do(Loopback(Call::Kind::kConnect, client, listener.port));
    const CallReturn accepted =
        server_.Do({.kind = Call::Kind::kAccept, .fd = listener.fd});
    return {client, static_cast<int>(accepted.value)};
  }

  Sandbox sandbox_;
  netns::Namespace ns_ = NamespaceWithLoopback();
  Actor client_{sandbox_, ns_, "client"};
  Actor server_{sandbox_, ns_, "server"};
};

std::string CommandOf(pid_t pid) {
  std::string name;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), name);
  return name;
}

std::set<int> DescriptorsOf(pid_t pid) {
  std::set<int> numbers;
  const std::string directory = "/proc/" + std::to_string(pid) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    numbers.insert(std::stoi(entry.path().filename()));
  }
  return numbers;
}

TEST_F(ActorTest, IsAProcessWithItsLabelInItsOwnGroup) {
  EXPECT_EQ(CommandOf(client_.pid()), "client");
  EXPECT_EQ(getpgid(client_.pid()), client_.pid());
}

TEST_F(ActorTest, HasNoDescriptorsOfOurs) {
  const FileDescriptor leaky(open("/dev/zero", O_RDONLY));
  Actor actor(sandbox_, ns_, "bare");
  EXPECT_EQ(DescriptorsOf(actor.pid()), (std::set<int>{0, 1, 2, 1000}));
  EXPECT_EQ(Socket(actor), 3);
  EXPECT_EQ(Socket(actor), 4);
}

TEST_F(ActorTest, ConnectsSendsAndReceives) {
  const Ends ends = Connect();
  const std::string story(kMaxCallData, 's');
  EXPECT_EQ(
      client_.Do({.kind = Call::Kind::kSend, .fd = ends.client, .data = story})
          .value,
      static_cast<std::int64_t>(story.size()));
  const CallReturn received =
      server_.Do({.kind = Call::Kind::kReceive,
                  .fd = ends.server,
                  .flags = MSG_WAITALL,
                  .number = static_cast<std::int64_t>(kMaxCallData)});
  EXPECT_EQ(received.data, story);
  client_.Do(
      {.kind = Call::Kind::kShutdown, .fd = ends.client, .number = SHUT_WR});
  const CallReturn end = server_.Do(
      {.kind = Call::Kind::kReceive, .fd = ends.server, .number = 100});
  EXPECT_EQ(end.value, 0);
  EXPECT_EQ(end.data, "");
}

TEST_F(ActorTest, KnowsTheAddressesOfAConnection) {
  const Ends ends = Connect();
  const auto local =
      client_.Do({.kind = Call::Kind::kGetsockname, .fd = ends.client});
  const auto peer =
      server_.Do({.kind = Call::Kind::kGetpeername, .fd = ends.server});
  EXPECT_NE(PortOf(local), 0);
  EXPECT_EQ(PortOf(local), PortOf(peer));
}

TEST_F(ActorTest, SetsAndReadsOptions) {
  const int fd = Socket(client_);
  const int seconds = 7;
  EXPECT_EQ(
      client_
          .Do({.kind = Call::Kind::kSetsockopt,
               .fd = fd,
               .level = IPPROTO_TCP,
               .name = TCP_LINGER2,
               .data = std::string(reinterpret_cast<const char*>(&seconds),
                                   sizeof seconds)})
          .value,
      0);
  const CallReturn read = client_.Do({.kind = Call::Kind::kGetsockopt,
                                      .fd = fd,
                                      .level = IPPROTO_TCP,
                                      .name = TCP_LINGER2,
                                      .number = sizeof seconds});
  ASSERT_EQ(read.data.size(), sizeof seconds);
  EXPECT_EQ(*reinterpret_cast<const int*>(read.data.data()), seconds);
}

TEST_F(ActorTest, ReportsErrno) {
  const CallReturn refused =
      client_.Do(Loopback(Call::Kind::kConnect, Socket(client_), 9));
  EXPECT_EQ(refused.value, -1);
  EXPECT_EQ(refused.error, ECONNREFUSED);
  EXPECT_EQ(client_.Do({.kind = Call::Kind::kClose, .fd = 77}).error, EBADF);
}

TEST_F(ActorTest, SendingToAClosedPeerIsAnErrorAndNoSignal) {
  const Ends ends = Connect();
  const Call send{.kind = Call::Kind::kSend, .fd = ends.client, .data = "x"};
  client_.Do(
      {.kind = Call::Kind::kShutdown, .fd = ends.client, .number = SHUT_WR});
  EXPECT_EQ(client_.Do(send).error, EPIPE);
  EXPECT_EQ(client_.Do(send).error, EPIPE);  // still alive
}

TEST_F(ActorTest, DoesNotBlockWhenToldSo) {
  const Listener listener = Listen(server_);
  server_.Do(
      {.kind = Call::Kind::kSetNonblocking, .fd = listener.fd, .number = 1});
  EXPECT_EQ(server_.Do({.kind = Call::Kind::kAccept, .fd = listener.fd}).error,
            EAGAIN);
}

TEST_F(ActorTest, ABlockingCallBlocksItAlone) {
  const Listener listener = Listen(server_);
  server_.Start({.kind = Call::Kind::kAccept, .fd = listener.fd});
  EXPECT_TRUE(server_.pending());
  EXPECT_FALSE(server_.Poll());
  EXPECT_FALSE(server_.Wait(MonotonicClock::now()));
  EXPECT_THROW(server_.Start({.kind = Call::Kind::kClose}), std::logic_error);

  const TimePoint before_connect = MonotonicClock::now();
  client_.Do(Loopback(Call::Kind::kConnect, Socket(client_), listener.port));
  ASSERT_TRUE(WaitReadable(server_.fd()));
  const auto accepted = server_.Poll();
  ASSERT_TRUE(accepted);
  EXPECT_FALSE(server_.pending());
  EXPECT_GE(accepted->value, 3);
  EXPECT_LE(accepted->begin, accepted->end);
  EXPECT_GT(accepted->end, before_connect);
  EXPECT_LE(accepted->end, MonotonicClock::now());
}

TEST_F(ActorTest, DisconnectsByUnspecifiedFamily) {
  const Ends ends = Connect();
  Call disconnect{.kind = Call::Kind::kConnect, .fd = ends.client};
  disconnect.address.ss_family = AF_UNSPEC;
  disconnect.address_length = sizeof(sockaddr);
  EXPECT_EQ(client_.Do(disconnect).value, 0);
  EXPECT_EQ(
      client_.Do({.kind = Call::Kind::kGetpeername, .fd = ends.client}).error,
      ENOTCONN);
}

TEST_F(ActorTest, KillClosesItsSockets) {
  const Ends ends = Connect();
  client_.Kill();
  EXPECT_EQ(kill(client_.pid(), 0), -1);
  EXPECT_EQ(
      server_.Do({.kind = Call::Kind::kReceive, .fd = ends.server, .number = 1})
          .value,
      0);
  EXPECT_THROW(client_.Do({.kind = Call::Kind::kClose, .fd = 3}), Error);
}

TEST_F(ActorTest, ExitClosesItsSocketsAndLingersForNone) {
  const Ends ends = Connect();
  const linger two_seconds{.l_onoff = 1, .l_linger = 2};
  Call option{.kind = Call::Kind::kSetsockopt,
              .fd = ends.client,
              .level = SOL_SOCKET,
              .name = SO_LINGER};
  option.data.assign(reinterpret_cast<const char*>(&two_seconds),
                     sizeof two_seconds);
  ASSERT_EQ(client_.Do(option).value, 0);
  client_.Exit();
  EXPECT_EQ(kill(client_.pid(), 0), -1);
  EXPECT_EQ(
      server_.Do({.kind = Call::Kind::kReceive, .fd = ends.server, .number = 1})
          .value,
      0);
  EXPECT_THROW(client_.Do({.kind = Call::Kind::kClose, .fd = 3}), Error);
}

TEST_F(ActorTest, ItsDeathDuringACallIsAnError) {
  const Listener listener = Listen(server_);
  server_.Start({.kind = Call::Kind::kAccept, .fd = listener.fd});
  kill(server_.pid(), SIGKILL);
  ASSERT_TRUE(WaitReadable(server_.fd()));
  EXPECT_THROW(server_.Poll(), Error);
}

TEST_F(ActorTest, MoveAssignmentEndsTheFormerActor) {
  const pid_t client = client_.pid();
  const pid_t server = server_.pid();
  client_ = std::move(server_);
  EXPECT_EQ(kill(client, 0), -1);
  EXPECT_EQ(client_.pid(), server);
  EXPECT_EQ(Socket(client_), 3);
}

}  // namespace
}  // namespace finwait::process
