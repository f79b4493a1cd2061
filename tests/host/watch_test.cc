// finwait watch, as a user calls it, in namespaces of the tests' own.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <regex>

#include "command.h"
#include "kernel/process/loopback.h"
#include "netns/sysctl.h"
#include "process/program.h"

namespace finwait::host {
namespace {

using process::Actor;
using process::Call;
using process::Program;
using process::Sandbox;
using testing::AllOf;
using testing::AnyOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// The lines of `output` in which `text` stands.
std::string LinesWith(const std::string& output, const std::string& text) {
  std::string lines;
  std::size_t begin = 0;
  while (begin < output.size()) {
    const std::size_t end = output.find('\n', begin);
    const std::string line = output.substr(begin, end - begin) + "\n";
    if (line.find(text) != std::string::npos) lines += line;
    if (end == std::string::npos) break;
    begin = end + 1;
  }
  return lines;
}

std::size_t CountOf(const std::string& output, const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = output.find(text); at != std::string::npos;
       at = output.find(text, at + text.size())) {
    ++count;
  }
  return count;
}

// The number that stands before, or after, `text`; 0 if it is not there.
int NumberBefore(const std::string& output, const std::string& text) {
  const std::size_t at = output.find(text);
  if (at == std::string::npos) return 0;
  return std::stoi(output.substr(output.rfind('\n', at) + 1));
}

int NumberAfter(const std::string& output, const std::string& text) {
  const std::size_t at = output.find(text);
  if (at == std::string::npos) return 0;
  return std::stoi(output.substr(at + text.size()));
}

// A namespace with its loopback, actors and programs in it, and a watch on it:
// with kernel events where the machine permits them (true), and without.
class Watch : public testing::TestWithParam<bool> {
 protected:
  Watch() { sandbox_.Register(ns_); }

  std::vector<std::string> Arguments(std::vector<std::string> more) const {
    more.insert(more.begin(), {"watch", "--namespace", Path()});
    return more;
  }

  std::string Path() const {
    return "/proc/" + std::to_string(getpid()) + "/fd/" +
           std::to_string(ns_.fd());
  }

  // Ready when the table of what is there is printed.
  Command& Start(const std::vector<std::string>& more = {}) {
    watch_.emplace(Arguments(more), [] {
      if (!GetParam()) setenv("FINWAIT_NO_BPF", "1", 1);
    });
    EXPECT_TRUE(watch_->WaitPrinted("connection"));
    EXPECT_TRUE(watch_->WaitPrinted("\n\n")) << watch_->output();
    return *watch_;
  }

  // A program of the tests, once it has printed `text`.
  Program Run(std::vector<std::string> arguments, const std::string& text) {
    arguments.front() = PROGRAMS "/" + arguments.front();
    Program program(sandbox_, ns_,
                    {.arguments = arguments, .keep_input_open = true});
    WaitPrinted(program, text);
    return program;
  }

  static void WaitPrinted(Program& program, const std::string& text) {
    while (program.output().find(text) == std::string::npos) {
      ASSERT_TRUE(process::WaitReadable(program.output_fd()));
      program.Pump();
      ASSERT_GE(program.output_fd(), 0) << program.output();
    }
  }

  Program Server(int connections) {
    return Run(
        {"forgetful-server", "--expect", std::to_string(connections), "7000"},
        "listening");
  }

  Program Pile(int connections) {
    const std::string number = std::to_string(connections);
    return Run({"close-pile", "127.0.0.1", "7000", number},
               "connected " + number);
  }

  void SetFinTimeout(const std::string& seconds) {
    netns::WriteSysctl(ns_, "net.ipv4.tcp_fin_timeout", seconds);
  }

  const netns::Namespace ns_ = process::NamespaceWithLoopback();
  Sandbox sandbox_;
  std::optional<Command> watch_;
};

std::string KindName(const testing::TestParamInfo<bool>& kind) {
  return kind.param ? "WithKernelEvents" : "WithPacketsAlone";
}
INSTANTIATE_TEST_SUITE_P(Observed, Watch, testing::Bool(), KindName);

TEST_P(Watch, TellsAnOrphansWayFromItsProcessToItsEnd) {
  SetFinTimeout("1");
  Program server = Server(1);
  Program pile = Pile(1);
  Command& watch = Start();
  EXPECT_THAT(watch.output(), HasSubstr("2 connections\n"));
  EXPECT_THAT(watch.output(),
              ContainsRegex("ESTABLISHED +2 .*1 of close-pile\\[[0-9]+\\]"));
  pile.WriteInput("close\n");
  ASSERT_TRUE(watch.WaitPrinted("FIN_WAIT2 → CLOSED")) << watch.output();
  ASSERT_TRUE(watch.WaitPrinted("was of close-pile")) << watch.output();
  const std::string was = "close-pile[" + std::to_string(pile.pid()) + "]";
  const std::string& output = watch.output();
  EXPECT_THAT(LinesWith(output, "ESTABLISHED → FIN_WAIT1"),
              AllOf(AnyOf(HasSubstr("sent FIN, after at least "),
                          HasSubstr("close() or shutdown(), after at least ")),
                    HasSubstr(was)));
  EXPECT_THAT(LinesWith(output, "FIN_WAIT1 → FIN_WAIT2"),
              AllOf(HasSubstr("received ACK of FIN, after "),
                    HasSubstr("no process (" + was + " closed it): ends in "),
                    HasSubstr("(tcp_fin_timeout)")));
  // Without kernel events the middle between two looks, which may be late.
  EXPECT_THAT(LinesWith(output, "FIN_WAIT2 → CLOSED"),
              AllOf(ContainsRegex("timewait timer, after (1|9[0-9][0-9])\\."),
                    HasSubstr("was of " + was)));
  EXPECT_THAT(LinesWith(output, "ESTABLISHED → CLOSE_WAIT"),
              AllOf(HasSubstr("received FIN"), HasSubstr("forgetful-serve[")));
}

// The whole life of connections that begin under its eyes.
TEST_P(Watch, TellsEveryChangeOfManyOnce) {
  SetFinTimeout("1");
  constexpr int kMany = 500;
  Program server = Server(kMany);
  Command& watch = Start();
  Program pile = Pile(kMany);
  WaitPrinted(server, "accepted 500");
  pile.WriteInput("close\n");
  WaitPrinted(pile, "closed 500");
  while (CountOf(watch.output(), "FIN_WAIT2 → CLOSED") < kMany) {
    ASSERT_TRUE(watch.ReadMore()) << watch.output();
  }
  watch.Signal(SIGINT);
  EXPECT_EQ(watch.Wait(), 0);
  const std::string& output = watch.output();
  const std::string summary = output.substr(output.find("\nChanges in "));
  for (const char* change :
       {"CLOSED → SYN_SENT", "SYN_SENT → ESTABLISHED", "SYN_RECV → ESTABLISHED",
        "ESTABLISHED → FIN_WAIT1", "FIN_WAIT1 → FIN_WAIT2",
        "ESTABLISHED → CLOSE_WAIT", "FIN_WAIT2 → CLOSED"}) {
    EXPECT_EQ(LinesWith(summary, change),
              std::string("     500  ") + change + "\n");
  }
  // An orphan whose FIN is acknowledged while close() still holds it ends with
  // a RST, and so does its peer (Linux: net/ipv4/tcp_input.c
  // tcp_rcv_state_process(), tcp_timer.c tcp_keepalive_timer()).
  EXPECT_EQ(NumberAfter(summary, "There are now\n  CLOSE_WAIT") +
                NumberBefore(summary, "  CLOSE_WAIT → CLOSED"),
            kMany);
  EXPECT_THAT(output, Not(HasSubstr("too fast")));
}

// Half closed: FIN_WAIT2 in the hands of a process has no timer.
TEST_P(Watch, TellsThatAHalfClosedConnectionMayStay) {
  Actor server(sandbox_, ns_, "keeper");
  Actor client(sandbox_, ns_, "halver");
  const auto listener = process::Listen(server);
  const int fd = process::Socket(client);
  client.Do(process::Loopback(Call::Kind::kConnect, fd, listener.port));
  server.Do({.kind = Call::Kind::kAccept, .fd = listener.fd});
  Command& watch = Start();
  client.Do({.kind = Call::Kind::kShutdown, .fd = fd, .number = SHUT_WR});
  ASSERT_TRUE(watch.WaitPrinted("CLOSE_WAIT"));
  ASSERT_TRUE(watch.WaitPrinted("no timer, may stay for ever\n"))
      << watch.output();
  EXPECT_THAT(LinesWith(watch.output(), "FIN_WAIT1 → FIN_WAIT2"),
              HasSubstr("halver[" + std::to_string(client.pid()) +
                        "], half closed: no timer, may stay for ever\n"));
  EXPECT_THAT(LinesWith(watch.output(), "ESTABLISHED → CLOSE_WAIT"),
              HasSubstr("keeper[" + std::to_string(server.pid()) +
                        "] has not closed\n"));
}

// One end is the selected program's, also when it has left the socket.
TEST_P(Watch, SelectsByAProcessThatHasClosed) {
  SetFinTimeout("1");
  Program server = Server(1);
  Program pile = Pile(1);
  Command& watch = Start({"--process", "close-pile"});
  EXPECT_THAT(watch.output(), HasSubstr("1 connection\n"));
  pile.WriteInput("close\n");
  ASSERT_TRUE(watch.WaitPrinted("FIN_WAIT2 → CLOSED")) << watch.output();
  ASSERT_TRUE(watch.WaitPrinted("was of close-pile")) << watch.output();
  EXPECT_THAT(watch.output(), HasSubstr("FIN_WAIT1 → FIN_WAIT2"));
  EXPECT_THAT(watch.output(), Not(HasSubstr("CLOSE_WAIT")));
}

TEST_P(Watch, EndsWhenNoExistingConnectionIsLeft) {
  SetFinTimeout("1");
  Program server = Server(1);
  Program pile = Pile(1);
  Command& watch = Start({"--existing"});
  pile.WriteInput("close\n");
  ASSERT_TRUE(watch.WaitPrinted("FIN_WAIT2 → CLOSED")) << watch.output();
  server.Signal(SIGKILL);
  EXPECT_EQ(watch.Wait(), 0);
  EXPECT_THAT(watch.output(), HasSubstr("There are now\n  none\n"));
}

TEST_P(Watch, BlamesForAtLeastSoLong) {
  Program server = Server(1);
  Program pile = Pile(1);
  WaitPrinted(server, "accepted 1");
  pile.WriteInput("close\n");
  WaitPrinted(pile, "closed 1");
  Command& watch = Start({"--for", "10ms"});
  EXPECT_EQ(watch.Wait(), 0);
  EXPECT_THAT(std::regex_replace(watch.output(), std::regex("\n +"), " "),
              ContainsRegex("received the FIN at least [0-9.]+m?s ago"));
}

TEST_P(Watch, PrintsWhatIsThereAndEnds) {
  Program server = Server(2);
  Program pile = Pile(2);
  Command& watch = Start({"--for", "0s"});
  EXPECT_EQ(watch.Wait(), 0);
  EXPECT_THAT(watch.output(), ContainsRegex("^[^\n]*  4 connections\n"));
  EXPECT_THAT(watch.output(), Not(HasSubstr("Changes")));
}

// A reader such as head(1) that has seen enough.
TEST_P(Watch, EndsWithItsReader) {
  Start().CloseOutput();
  EXPECT_EQ(watch_->Wait(), 0);
}

TEST_P(Watch, SaysThatItsOutputCannotBeWritten) {
  Command command(Arguments({}), [] {
    dup2(open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
  });
  EXPECT_EQ(command.Wait(), 3);
  EXPECT_THAT(command.output(), HasSubstr("printing: No space left on device"));
}

TEST_P(Watch, LeavesNothingWhenKilled) {
  Command& watch = Start();
  watch.Signal(SIGKILL);
  EXPECT_EQ(watch.Wait(), -1);
  EXPECT_TRUE(ChildrenOf(getpid()).size() <= 2) << "more than the sandbox's";
}

TEST(WatchUsage, ANamespaceThatIsNotThereIsAUsageError) {
  for (const char* name :
       {"no-such-name", "999999999", "/no/such/file", "/dev/null"}) {
    Command command({"watch", "--namespace", name});
    EXPECT_EQ(command.Wait(), 2) << name;
    EXPECT_THAT(command.output(), HasSubstr("network namespace")) << name;
  }
}

// In a namespace of the test's own: even a finwait that asked for no rights
// would not see the host's traffic.
TEST(WatchUsage, WithoutRightsTheRemedyIsNamed) {
  const netns::Namespace ns = netns::Namespace::Create();
  const auto become_nobody = [&ns] {
    const bool became = netns::EnterAfterFork(ns.fd()) == 0 &&
                        setgroups(0, nullptr) == 0 && setgid(65534) == 0 &&
                        setuid(65534) == 0;
    if (!became) _exit(1);
  };
  if (Command({"--version"}, become_nobody).Wait() != 0) {
    GTEST_SKIP() << "needs root, and a finwait that everybody may execute";
  }
  Command command({"watch"}, become_nobody);
  EXPECT_EQ(command.Wait(), 77);
  EXPECT_THAT(command.output(),
              AllOf(HasSubstr("unsupported"), HasSubstr("sudo finwait watch"),
                    HasSubstr("CAP_NET_RAW")));
}

}  // namespace
}  // namespace finwait::host
